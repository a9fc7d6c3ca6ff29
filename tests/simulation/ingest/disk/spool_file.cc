// ingest/spool/spool_file.h on the model disk, in the place of the one on the file system.
#include "ingest/spool/spool_file.h"

#include "tests/simulation/ingest/disk/disk.h"
#include "tests/simulation/ingest/world/process.h"

namespace ingest {
namespace {

using common::Error;
using common::Remedy;
using common::Result;
using simulation::intake::Disk;
using simulation::intake::IdentityOfInode;
using simulation::intake::Process;

bool IsLog(const std::string& path) { return path.ends_with("-wal"); }

}  // namespace

Result<void> PrepareSpoolFile(const std::string& /*path*/) { return {}; }
std::string LogOf(const std::string& path) { return path + "-wal"; }
std::string LogBesideTarget(const std::string& path) { return LogOf(path); }

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  const Disk& disk = Process::Here().disk();
  if (IsLog(path)) return disk.log ? std::optional(IdentityOfInode(*disk.log)) : std::nullopt;
  return disk.file ? std::optional(IdentityOfInode(disk.file->inode)) : std::nullopt;
}

SpoolFiles FilesAt(const std::string& path) {
  return {.file = IdentityOf(path), .log = IdentityOf(LogOf(path))};
}
Error ForeignLogError() { return {Remedy::kStop, "cannot_open", "the log is another file's"}; }
bool HasLogAt(const std::string& path) { return IdentityOf(LogOf(path)).has_value(); }
bool AreMixed(const SpoolFiles& were, const SpoolFiles& are) {
  if (!were.file || !were.log || !are.file || !are.log) return false;
  return (were.file == are.file) != (were.log == are.log);
}

std::uint64_t SizeOfSpoolFiles(const std::string& /*path*/) {
  return Process::Here().disk().UsedBytes();
}

FreeDisk FreeDiskAt(const std::string& /*path*/) {
  return [&disk = Process::Here().disk()] { return disk.FreeBytes(); };
}

}  // namespace ingest
