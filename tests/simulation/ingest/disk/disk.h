#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/spool_database.h"
#include "tests/simulation/runtime/random.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation::intake {

/// A row of a spool's file.
struct StoredRow {
  ingest::SpooledCallback callback;
  Time stored_at{};
};
using Rows = std::map<std::int64_t, StoredRow>;

/// A spool's file with its log, in three states of knowledge:
///
///   synced   what survives a power cut
///   visible  what the connection sees: more after a commit behind frames that were lost
///   ghosts   frames of failed commits: visible once the file is opened again
struct SpoolFileModel {
  int inode = 0;
  Rows visible;
  Rows synced;
  Rows ghosts;
  /// An fsync has failed: what is appended behind it is lost with it, until the log is settled.
  bool has_lost_frames = false;
  const Host* user = nullptr;  ///< The holder of its lock.
};

[[nodiscard]] inline ingest::FileIdentity IdentityOfInode(int inode) {
  return {.device = 1, .inode = static_cast<std::uint64_t>(inode)};
}

struct DiskFaults {
  bool is_full = false;  ///< Of the file system: writes fail, and no byte is free.
  bool refuses_writes = false;
  bool fails_syncs = false;
  bool cannot_open = false;
  bool is_busy = false;  ///< Another process holds the file of refused callbacks.
  Time hangs_until{};
  Span slowness{};  ///< Of each commit.

  [[nodiscard]] bool any(Time now) const {
    return is_full || refuses_writes || fails_syncs || cannot_open || hangs_until > now ||
           slowness > std::chrono::milliseconds(500);
  }
};

/// Hears of events on the disk at the moment when they happen.
class DiskWatch {
 public:
  virtual ~DiskWatch() = default;
  virtual void Removed(const Host& host, const StoredRow& row) = 0;
  /// It is in the file of refused callbacks.
  virtual void Refused(const std::string& request_id) = 0;
};

/// The disk of one machine with the spool and the refused callbacks. It outlives the processes that
/// use it.
///
/// Threads: members that access it block the fiber.
class Disk {
 public:
  Disk(Runtime& runtime, Random random, DiskWatch& watch)
      : runtime_(runtime), random_(random), watch_(watch) {}

  // For the model clients.
  /// Waits as long as the disk takes for a read, or for a write with its sync. Errors: the process
  /// is dead, or what the faults say.
  common::Result<void> Read();
  common::Result<void> Write();
  /// After Write(): the fsync. False: it has failed.
  [[nodiscard]] bool Sync() const { return !faults.fails_syncs; }
  /// Null: nothing is at the path.
  std::shared_ptr<SpoolFileModel> file;
  std::optional<int> log;  ///< The inode of the log at its path.
  std::shared_ptr<SpoolFileModel> MakeFile();
  int MakeLog() { return (log = ++last_inode_).value(); }
  [[nodiscard]] std::optional<std::uint64_t> FreeBytes() const;
  [[nodiscard]] std::uint64_t UsedBytes() const;
  [[nodiscard]] DiskWatch& watch() { return watch_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] Runtime& runtime() { return runtime_; }

  std::vector<ingest::RefusedCallback> refused;

  // Faults.
  DiskFaults faults;
  std::uint64_t capacity = 1'000'000'000;
  /// Somebody moves the file away, with its log, or the log only.
  void MoveAway();
  void MoveLogAway() { log.reset(); }
  /// The process has ended; with `has_power` false, the machine as well.
  void ProcessEnded(const Host& host, bool has_power);

  // For judges.
  [[nodiscard]] bool HasSynced(const std::string& request_id) const;
  [[nodiscard]] bool HasRefused(const std::string& request_id) const;
  /// In a file that was moved away and that no process reads any more.
  [[nodiscard]] bool IsOrphaned(const std::string& request_id) const;
  /// The files that are at the path or that a process still uses.
  [[nodiscard]] std::vector<std::shared_ptr<SpoolFileModel>> LiveFiles() const;

 private:
  common::Result<void> Wait(Span span);

  Runtime& runtime_;
  Random random_;
  DiskWatch& watch_;
  int last_inode_ = 0;
  std::vector<std::shared_ptr<SpoolFileModel>> moved_;
};

}  // namespace simulation::intake
