#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tests {

/// A temporary directory; the destructor removes it with all its content.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file into the directory and returns its path.
  std::filesystem::path Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// Empty if the file does not exist.
[[nodiscard]] std::string ReadFile(const std::filesystem::path& path);

}  // namespace tests
