#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tests {

/// A directory of its own, removed with all its content when the object ends.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file into it and returns the file's path.
  std::filesystem::path Write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// Empty if the file is not there.
[[nodiscard]] std::string ReadFile(const std::filesystem::path& path);

}  // namespace tests
