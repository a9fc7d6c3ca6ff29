#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ingest {

/// The file system under the spool.
struct SpoolDisk {
  std::uint64_t free_bytes = 0;    ///< For this process.
  std::uint64_t needed_bytes = 0;  ///< See NeededDisk().
};

/// Reports the state and the work of the spool.
///
/// Threads: any.
class SpoolEvents {
 public:
  using Duration = std::chrono::steady_clock::duration;

  virtual ~SpoolEvents() = default;

  /// A spool with this limit is configured; its content is still unknown.
  virtual void SpoolLimitIs(std::size_t max_bytes) = 0;
  virtual void SpoolOpened(std::string_view path) = 0;
  /// ingest retries each second; logged once a minute.
  virtual void SpoolCannotBeOpened(std::string_view path, std::string_view why,
                                   bool is_damaged) = 0;
  /// The callbacks found when the spool was opened, and those added since.
  virtual void SpoolCounted(std::size_t records, std::size_t bytes) = 0;
  virtual void SpoolIs(bool is_open, bool has_room) = 0;
  virtual void SpoolHolds(std::size_t records, std::size_t bytes, Duration oldest_age) = 0;
  /// The spool is not open, or not counted yet.
  virtual void SpoolHoldsUnknown() = 0;
  /// nullopt: unknown.
  virtual void SpoolDiskIs(std::optional<SpoolDisk> disk) = 0;
  /// The file, or only its log, is no longer at its path.
  virtual void SpoolFileLost(bool is_whole_file) = 0;
  /// `copied` callbacks are now in the file at the path. At most `unreadable` others could not be
  /// read.
  virtual void SpoolFileReplaced(std::size_t copied, std::size_t unreadable) = 0;
  /// True: the disk has not finished a request for a second, so its content is unknown. SpoolIs(),
  /// SpoolHolds() and SpoolDiskIs() follow once it has.
  virtual void SpoolStalls(bool does_so) = 0;
  /// The spool has got its first callback since it was empty.
  virtual void SpoolIsInUse() = 0;
  virtual void SpoolHasRoom(bool has_room) = 0;
  /// Logged at most once in ten seconds.
  virtual void SpoolFailed(std::string_view why) = 0;
  /// The spool is writable; logged only after a failure was.
  virtual void SpoolWorks() = 0;
  virtual void SpoolDamaged(std::string_view why) = 0;
  /// The number of places or callbacks that are unreadable now. Logged when it becomes nonzero or
  /// zero.
  virtual void SpoolUnreadable(std::size_t places) = 0;
  virtual void ReplayStarted(std::size_t records) = 0;
  /// Kafka accepts nothing any more.
  virtual void ReplayInterrupted(std::size_t replayed, std::size_t left) = 0;
  /// No callback waits any more.
  virtual void ReplayFinished(std::size_t replayed) = 0;
  /// Kafka refuses these callbacks for their own sake; `path` is the file that keeps them.
  virtual void CallbacksRefused(std::size_t count, std::string_view first_request_id,
                                std::string_view reason, std::string_view path) = 0;
  /// An earlier build made the file. It now has the current form, with `records` callbacks.
  virtual void RefusedCallbacksUpgraded(std::string_view path, std::size_t records) = 0;
  virtual void RefusedCallbacksMovedBack(std::size_t count) = 0;
  /// How many refused callbacks are kept now.
  /// nullopt: unknown.
  virtual void RefusedCallbacks(std::optional<std::size_t> records) = 0;
  /// `records` that still wait; nullopt: unknown.
  virtual void SpoolClosed(bool is_complete, std::optional<std::size_t> records) = 0;
};

}  // namespace ingest
