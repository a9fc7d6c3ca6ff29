#include "ingest/spool/spool_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "common/base/fd.h"

namespace ingest {
namespace {

constexpr mode_t kOwnerOnly = 0600;

common::Error Failed(const std::string& what) {
  return {common::Remedy::kStop, "cannot_open",
          what + ": " + std::system_category().message(errno)};
}

std::string DirectoryOf(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

}  // namespace

common::Result<void> PrepareSpoolFile(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    return common::Error{common::Remedy::kStop, "cannot_open",
                         "the directory " + directory + " does not exist; create it first"};
  }
  if (::stat(path.c_str(), &found) == 0) {
    if (!S_ISREG(found.st_mode)) {
      return common::Error{common::Remedy::kStop, "cannot_open", path + " is not a file"};
    }
    // Uses the path: opening and closing the file here would drop this process's locks on it.
    if ((found.st_mode & 0077U) != 0 && ::chmod(path.c_str(), kOwnerOnly) != 0) {
      return Failed("cannot remove other users' permissions from " + path);
    }
    return {};
  }
  if (::stat(LogOf(path).c_str(), &found) == 0 && found.st_size > 0) {
    return common::Error{common::Remedy::kStop, "cannot_open",
                         path + " is missing but its log, " + LogOf(path) +
                             ", exists: put both back, or move the log away"};
  }
  const common::Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!file) return Failed("cannot create " + path);
  const common::Fd parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(file.get()) != 0 || !parent || ::fsync(parent.get()) != 0) {
    return Failed("cannot sync " + path);
  }
  return {};
}

std::string LogOf(const std::string& path) { return path + "-wal"; }

std::string LogBesideTarget(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path target = std::filesystem::canonical(path, failed);
  return LogOf(failed ? path : target.string());
}

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FileIdentity{.device = found.st_dev, .inode = found.st_ino};
}

common::Error ForeignLogError() {
  return {common::Remedy::kStop, "cannot_open",
          "the write-ahead log beside it is another file's: move that away"};
}

SpoolFiles FilesAt(const std::string& path) {
  return {.file = IdentityOf(path), .log = IdentityOf(LogBesideTarget(path))};
}

bool HasLogAt(const std::string& path) {
  struct stat found {};
  return ::stat(LogBesideTarget(path).c_str(), &found) == 0 && found.st_size > 0;
}

bool AreMixed(const SpoolFiles& were, const SpoolFiles& are) {
  if (!were.file || !were.log || !are.file || !are.log) return false;
  return (were.file == are.file) != (were.log == are.log);
}

std::uint64_t SizeOfSpoolFiles(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const std::string& file : {path, LogBesideTarget(path)}) {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0) bytes += static_cast<std::uint64_t>(found.st_size);
  }
  return bytes;
}

FreeDisk FreeDiskAt(const std::string& path) {
  return [directory = DirectoryOf(path)]() -> std::optional<std::uint64_t> {
    struct statvfs disk {};
    if (::statvfs(directory.c_str(), &disk) != 0) return std::nullopt;
    return std::uint64_t{disk.f_bavail} * disk.f_frsize;
  };
}

}  // namespace ingest
