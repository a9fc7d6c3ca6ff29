#include "ingest/preflight/spool_sight.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "common/config/units.h"

namespace ingest {
namespace {

using common::config::FormatSize;
using common::preflight::Check;
using common::preflight::Report;
using common::preflight::Verdict;

/// File systems whose locks and mapped memory other machines share, or that nobody promises to be
/// right for SQLite's write-ahead log.
std::optional<std::string_view> NetworkKind(std::int64_t kind) {
  using Kind = std::pair<std::int64_t, std::string_view>;
  constexpr std::array<Kind, 9> kKinds = {{{0x6969, "NFS"},
                                           {0x517b, "SMB"},
                                           {0xff534d42, "CIFS"},
                                           {0xfe534d42, "SMB"},
                                           {0x00c36400, "Ceph"},
                                           {0x5346414f, "AFS"},
                                           {0x73757245, "Coda"},
                                           {0x01021997, "9P"},
                                           {0x7461636f, "OCFS2"}}};
  const auto* const found = std::ranges::find(kKinds, kind, &Kind::first);
  if (found == kKinds.end()) return std::nullopt;
  return found->second;
}

/// Why a file system of this kind may lose its files; none if it does not.
std::optional<std::string_view> LossyKind(std::int64_t kind) {
  switch (kind) {
    case 0x01021994:  // tmpfs
    case 0x858458f6:  // ramfs
      return "is memory (tmpfs), which a reboot empties: name a disk";
    case 0x794c7630:  // overlay
      return "is a container's layer, which goes with the container: mount a volume there";
    case 0x65735546:  // fuse
      return "is a FUSE file system: see that it keeps synced writes, locks, and mapped memory";
    default:
      return std::nullopt;
  }
}

/// Cut off to a short figure: "73GiB".
std::string Rough(std::uint64_t bytes) {
  std::uint64_t unit = 1;
  while (bytes / unit >= 10'240) unit *= 1'024;
  return FormatSize(bytes / unit * unit);
}

std::uint64_t SizeOf(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

void JudgeRoom(const SpoolConfig& config, std::size_t max_body, const SpoolSight& sight,
               Report& report) {
  const std::uint64_t floor = config.min_free_disk;
  const std::uint64_t above = sight.free_bytes > floor ? sight.free_bytes - floor : 0;
  const std::uint64_t growth =
      config.max_bytes - std::min<std::uint64_t>(config.max_bytes, sight.used_bytes);
  const std::string state = "the disk has " + Rough(sight.free_bytes) +
                            " free, and spool.min_free_disk leaves " + FormatSize(floor) + " of it";
  if (above < max_body) {
    report.Add(Check::kSpool, Verdict::kWrong,
               state + ", so the spool takes nothing: free space, or name another disk");
  } else if (above < growth) {
    report.Add(Check::kSpool, Verdict::kWarning,
               state + ", so the spool cannot grow by " + Rough(growth) +
                   " to spool.max_bytes: free space, or lower one of both");
  } else {
    report.Add(
        Check::kSpool, Verdict::kOk,
        sight.folder + " is writable, and its disk has " + Rough(sight.free_bytes) + " free");
  }
}

}  // namespace

SpoolSight LookAtSpool(const std::string& path) {
  SpoolSight sight;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(path, error).parent_path();
  sight.folder = folder.string();
  sight.is_folder = std::filesystem::is_directory(folder, error);
  if (!sight.is_folder) return sight;
  sight.is_folder_writable = ::access(folder.c_str(), W_OK | X_OK) == 0;
  struct stat file {};
  sight.exists = ::stat(path.c_str(), &file) == 0;
  if (sight.exists) {
    sight.is_file = S_ISREG(file.st_mode);
    sight.is_file_writable = ::access(path.c_str(), R_OK | W_OK) == 0;
    sight.used_bytes = SizeOf(path) + SizeOf(path + "-wal");
  }
  struct statvfs room {};
  struct statfs disk {};
  if (::statvfs(folder.c_str(), &room) == 0 && ::statfs(folder.c_str(), &disk) == 0) {
    sight.is_disk_known = true;
    sight.free_bytes = std::uint64_t{room.f_bavail} * room.f_frsize;
    sight.is_read_only = (room.f_flag & ST_RDONLY) != 0;
    sight.kind = static_cast<std::int64_t>(static_cast<std::uint32_t>(disk.f_type));
  }
  return sight;
}

void JudgeSpool(const SpoolConfig& config, std::size_t max_body, const SpoolSight& sight,
                Report& report) {
  const auto wrong = [&](const std::string& text) {
    report.Add(Check::kSpool, Verdict::kWrong, text);
  };
  if (!sight.is_folder) {
    return wrong("the folder " + sight.folder + " of spool.path does not exist: create it");
  }
  if (sight.is_read_only) {
    return wrong(sight.folder + " is mounted read-only: name another disk, or mount it anew");
  }
  if (!sight.is_folder_writable) {
    return wrong("this user cannot write to " + sight.folder +
                 ": run the check as the service's user, and give it the folder");
  }
  if (!sight.is_file) return wrong(config.path + " is not a file: name one in spool.path");
  if (!sight.is_file_writable) {
    return wrong("this user cannot write to " + config.path +
                 ": run the check as the service's user, and give it the file");
  }
  if (!sight.is_disk_known) {
    return report.Add(Check::kSpool, Verdict::kUnasked,
                      "the disk of " + sight.folder + " does not say what it is: see df");
  }
  if (const auto kind = NetworkKind(sight.kind)) {
    wrong(sight.folder + " is on a network file system (" + std::string(*kind) +
          "), on which SQLite's write-ahead log is not safe: name a local disk");
  }
  if (const auto why = LossyKind(sight.kind)) {
    report.Add(Check::kSpool, Verdict::kWarning, sight.folder + " " + std::string(*why));
  }
  JudgeRoom(config, max_body, sight, report);
}

void JudgeNoSpool(const std::vector<std::string>& once, Report& report) {
  if (once.empty()) {
    return report.Add(Check::kSpool, Verdict::kOk,
                      "none is configured, and every provider with secrets redelivers");
  }
  std::string names;
  for (const std::string& name : once) names += (names.empty() ? "" : ", ") + name;
  report.Add(Check::kSpool, Verdict::kWarning,
             "none is configured, so callbacks of " + names +
                 ", which need not come again, are lost while Kafka is away: set spool.path");
}

}  // namespace ingest
