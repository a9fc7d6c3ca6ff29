#include "ops/ctl/erase/spool_snapshot.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "ingest/spool/spool_file.h"

namespace ctl {
namespace {

namespace fs = std::filesystem;
using common::Error;
using common::Remedy;
using common::Result;

std::error_code LastError() { return {errno, std::generic_category()}; }

Error Stop(std::string detail) { return {Remedy::kStop, "cannot_open", std::move(detail)}; }

/// Changes whenever pages of the file are written, or its log begins anew. New commits at the end of
/// the log do not change it.
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

/// Errors: kStop. A missing log is no error.
Result<void> Copy(const std::string& from, const std::string& to, bool may_be_missing) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (!error) return {};
  if (may_be_missing && error == std::errc::no_such_file_or_directory) {
    fs::remove(to, error);
    return {};
  }
  return Stop("cannot copy it: " + error.message());
}

}  // namespace

Result<SpoolSnapshot> SpoolSnapshot::Take(const std::string& path) {
  constexpr int kMostTries = 5;
  std::error_code error;
  std::string folder = (fs::temp_directory_path(error) / "sluicectl-XXXXXX").string();
  if (error || ::mkdtemp(folder.data()) == nullptr) {
    return Stop("cannot make a temporary folder: " + (error ? error : LastError()).message());
  }
  SpoolSnapshot snapshot{fs::path(folder)};
  const std::string log = ingest::LogBesideTarget(path);
  for (int tries = 0; tries < kMostTries; ++tries) {
    const auto before = GenerationOf(path, log);
    if (!before) return Stop("cannot read it: " + LastError().message());
    if (auto copied = Copy(path, snapshot.path(), false); !copied) return copied.error();
    if (auto copied = Copy(log, snapshot.log_path(), true); !copied) return copied.error();
    if (GenerationOf(path, log) == before) return snapshot;
  }
  return Error{Remedy::kRetry, "busy", "ingest is writing it: try again"};
}

SpoolSnapshot::SpoolSnapshot(SpoolSnapshot&& other) noexcept
    : folder_(std::exchange(other.folder_, {})) {}

SpoolSnapshot::~SpoolSnapshot() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

}  // namespace ctl
