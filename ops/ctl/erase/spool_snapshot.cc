#include "ops/ctl/erase/spool_snapshot.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "ingest/spool/spool_file.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {
namespace {

namespace fs = std::filesystem;
using common::Error;
using common::Remedy;
using common::Result;

std::error_code LastError() { return {errno, std::generic_category()}; }

Error Stop(std::string detail) { return {Remedy::kStop, "cannot_open", std::move(detail)}; }

/// Changes whenever pages of the file are written, or its log begins anew. New commits at the end
/// of the log do not change it.
struct Generation {
  std::string file;  ///< Size and times.
  std::string log;   ///< Its header, with the salts of this generation.
  friend bool operator==(const Generation&, const Generation&) = default;
};

std::optional<Generation> GenerationOf(const std::string& path, const std::string& log) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  Generation generation;
  for (const auto number :
       {static_cast<long long>(file.st_dev), static_cast<long long>(file.st_ino),
        static_cast<long long>(file.st_size), static_cast<long long>(file.st_mtim.tv_sec),
        static_cast<long long>(file.st_mtim.tv_nsec)}) {
    generation.file += std::to_string(number) + " ";
  }
  constexpr std::size_t kHeader = 32;
  std::array<char, kHeader> header{};
  std::ifstream in(log, std::ios::binary);
  in.read(header.data(), header.size());
  generation.log.assign(header.data(), static_cast<std::size_t>(in.gcount()));
  return generation;
}

/// In pieces, because a spool may be large and a stop must not wait for it.
///
/// Errors: kStop; kRetry "interrupted". A missing log is not an error.
Result<void> Copy(const std::string& from, const std::string& to, bool may_be_missing,
                  const std::stop_token& stop) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::error_code ignored;
  fs::remove(to, ignored);
  errno = 0;
  std::ifstream in(from, std::ios::binary);
  if (!in && may_be_missing && errno == ENOENT) return {};
  std::ofstream out(to, std::ios::binary);
  std::string piece;
  while (in && out) {
    if (stop.stop_requested()) return Interrupted();
    piece.resize(kPiece);
    in.read(piece.data(), static_cast<std::streamsize>(kPiece));
    out.write(piece.data(), in.gcount());
  }
  out.close();
  if (!in.eof() || in.bad() || !out) return Stop("cannot copy it: " + LastError().message());
  return {};
}

/// A private folder for temporary files. Removed at the end, with the files in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Make() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "sluicectl-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr) {
      return Stop("cannot make a temporary folder: " + (error ? error : LastError()).message());
    }
    return TemporaryFolder(path);
  }

  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string File(const char* name) const { return path_ / name; }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}

  fs::path path_;
};

/// Errors: kRetry "busy", "interrupted"; kStop.
Result<void> CopySpool(const std::string& path, const std::string& to,
                       const std::stop_token& stop) {
  constexpr int kMostTries = 5;
  const std::string log = ingest::LogBesideTarget(path);
  for (int tries = 0; tries < kMostTries; ++tries) {
    const auto before = GenerationOf(path, log);
    if (!before) return Stop("cannot read it: " + LastError().message());
    if (auto copied = Copy(path, to, false, stop); !copied) return copied;
    if (auto copied = Copy(log, ingest::LogOf(to), true, stop); !copied) return copied;
    if (GenerationOf(path, log) == before) return {};
  }
  return Error{Remedy::kRetry, "busy", "ingest is writing it: try again"};
}

}  // namespace

Result<SpoolSnapshot> SpoolSnapshot::Make(const std::string& path, const std::stop_token& stop) {
  const auto folder = TemporaryFolder::Make();
  if (!folder) return folder.error();
  const std::string copy = folder->File("spool.db");
  if (auto copied = CopySpool(path, copy, stop); !copied) return copied.error();
  SpoolSnapshot snapshot;
  snapshot.file_.open(copy, std::ios::binary);
  snapshot.log_.open(ingest::LogOf(copy), std::ios::binary);
  auto database = ingest::SpoolDatabase::Open({.path = copy});
  if (!database) return database.error();
  snapshot.database_ = *std::move(database);
  return snapshot;
}

}  // namespace ctl
