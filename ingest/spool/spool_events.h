#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace ingest {

/// Reports the state of the spool and what it does.
///
/// Threads: any.
class SpoolEvents {
 public:
  using Duration = std::chrono::steady_clock::duration;

  virtual ~SpoolEvents() = default;

  /// There is one, which takes so much; nothing is known of it yet.
  virtual void SpoolLimitIs(std::size_t max_bytes) = 0;
  virtual void SpoolOpened(std::string_view path) = 0;
  /// Tried again each second, logged once a minute.
  virtual void SpoolCannotBeOpened(std::string_view path, std::string_view why,
                                   bool is_damaged) = 0;
  /// What was in it when it was opened, and has come since.
  virtual void SpoolCounted(std::size_t records, std::size_t bytes) = 0;
  virtual void SpoolIs(bool is_open, bool has_room) = 0;
  virtual void SpoolHolds(std::size_t records, std::size_t bytes, Duration oldest_age) = 0;
  /// It is not open, or not counted yet.
  virtual void SpoolHoldsUnknown() = 0;
  /// The file, or its log alone, is no longer at its path.
  virtual void SpoolFileLost(bool is_whole_file) = 0;
  /// So many callbacks were copied into the file that is there now, and at most so many were not,
  /// because they cannot be read.
  virtual void SpoolFileReplaced(std::size_t copied, std::size_t unreadable) = 0;
  /// Whether the disk has not done for a second what it was asked for. Nobody knows then what is on
  /// it: SpoolIs() and SpoolHolds() tell once it has.
  virtual void SpoolStalls(bool does_so) = 0;
  /// The first callback since it was empty is in it.
  virtual void SpoolIsInUse() = 0;
  virtual void SpoolHasRoom(bool has_room) = 0;
  /// Logged at most once in ten seconds.
  virtual void SpoolFailed(std::string_view why) = 0;
  /// It can be written; logged after a line about a failure.
  virtual void SpoolWorks() = 0;
  virtual void SpoolDamaged(std::string_view why) = 0;
  /// So many places in it, or callbacks, cannot be read now. Logged when that begins and ends.
  virtual void SpoolUnreadable(std::size_t places) = 0;
  virtual void ReplayStarted(std::size_t records) = 0;
  /// Kafka takes nothing any more.
  virtual void ReplayInterrupted(std::size_t replayed, std::size_t left) = 0;
  /// Nothing waits any more.
  virtual void ReplayFinished(std::size_t replayed) = 0;
  /// Kafka refuses these for what they are: they are kept apart, in that file.
  virtual void CallbacksRefused(std::size_t count, std::string_view first_request_id,
                                std::string_view reason, std::string_view path) = 0;
  virtual void RefusedCallbacksMovedBack(std::size_t count) = 0;
  /// How many are kept apart now.
  virtual void RefusedCallbacks(std::size_t records) = 0;
  /// `records`: what waits in it; none: not known.
  virtual void SpoolClosed(bool is_complete, std::optional<std::size_t> records) = 0;
};

}  // namespace ingest
