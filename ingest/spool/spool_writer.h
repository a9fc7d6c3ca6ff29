#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "ingest/spool/replay.h"
#include "ingest/spool/spool_copy.h"
#include "ingest/spool/spool_count.h"
#include "ingest/spool/spool_database.h"

namespace ingest {

class SpoolEvents;

/// The spool's file through its failures, and from one file to the next.
///
///   kClosed --opened and settled--> kGood <---a probe is synced--- kUnwritten
///      ^                              |                               ^
///      |                              +-----------a write fails-------+
///      +--a sync fails, the file is --+
///         no longer at its path, or   |
///         anything else               +--what waits cannot be read--> kDamaged: until another file
///                                                                     is at the path
///
/// A file that is no longer at its path takes nothing more. What waits in it is copied into the one
/// that is there, or into a new one, once there is room for it; until that has been done it is read,
/// so that Kafka gets it. What cannot be read of it is left, in the end, and counted.
///
/// Sequences grow from file to file, so that those of an earlier file name nothing in a later one.
///
/// Threads: confined.
class SpoolWriter final : public Replay::Source {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// How many bytes may be copied into a file with so many in it.
  using RoomForCopy = std::function<std::size_t(std::size_t used)>;
  /// Is told of callbacks that could not be read when they were to be counted, before Scan() is done
  /// with them.
  using FoundLate = std::function<void(const SpoolHoldings& holdings)>;

  SpoolWriter(SpoolDatabase::Options options, SpoolEvents& events, RoomForCopy room_for_copy = {},
              FoundLate found_late = {});

  /// Whether the file is open, and at its path, though the disk may take no writes just now. False
  /// before the first Maintain().
  [[nodiscard]] bool is_open() const {
    return database_ && (state_ == State::kGood || state_ == State::kUnwritten);
  }
  [[nodiscard]] bool is_writable() const { return database_ && state_ == State::kGood; }

  enum class Stored {
    kYes,    ///< They are on disk.
    kNo,     ///< None of them counts as stored.
    kAstray  ///< In a file that is no longer at its path: Maintain() copies them with the others.
  };
  /// Gives each a sequence.
  [[nodiscard]] Stored Store(std::span<SpooledCallback> callbacks);
  /// All of them, or none: of those that were counted, how much. "unreadable": one of them, or one
  /// beside it.
  common::Result<SpoolHoldings::Amount> Remove(std::span<const SequenceRange> rows);
  /// To be called after each of both, once nobody waits for what it has done: it moves a log that
  /// has become long into the table, which takes milliseconds.
  void ShortenLog();

  // What has been counted of what waits, for replay. Errors: "closed" too, while no file is open.
  Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most, const Visit& visit) override;
  common::Result<std::optional<SpooledCallback>> Read(std::int64_t sequence) override;
  [[nodiscard]] std::int64_t last_sequence() const override {
    return base_ + (count_.is_done() ? last_sequence_ : count_.counted_to());
  }

  [[nodiscard]] std::optional<common::WallTime> OldestReceivedAt();
  /// No callback with that sequence, or an earlier one, is in the file: they were in another.
  [[nodiscard]] std::int64_t base() const { return base_; }

  /// Tries again what failed, and looks whether the file is still at its path; to be called each
  /// second. If a file has been opened: about how many bytes are in it, which must be counted.
  /// What `is_removable` says so of is left out, where a file is copied into another.
  using Which = SpoolDatabase::Which;
  std::optional<std::size_t> Maintain(const Which& is_removable = {});

  /// Whether something is left to be counted. After a failure only once Maintain() was called.
  [[nodiscard]] bool must_count() const { return is_open() && count_.must_go_on(); }
  struct CountedPart {
    SpoolHoldings holdings{};
    bool is_last = false;
  };
  /// Counts on until the deadline; what `is_done` says so of as done. Precondition: must_count().
  CountedPart CountOn(common::Deadline deadline, const Which& is_done = {});

 private:
  enum class State { kClosed, kGood, kUnwritten, kDamaged };

  void Note(const common::Error& error);
  void NoteDamage(const common::Error& error);
  common::Error NoteUnread(common::Error error);
  void LeaveUncounted();
  bool HasGoneAstray();
  std::optional<std::size_t> OpenAnew(const Which& is_removable);
  std::optional<std::size_t> CannotOpen(const common::Error& error);
  common::Result<void> PrepareToLeave();
  common::Result<std::unique_ptr<SpoolDatabase>> OpenAtPath();
  struct TakenOver {
    std::int64_t base = 0;
    std::int64_t last_sequence = 0;
    std::size_t bytes = 0;
    Copied copied{};
  };
  common::Result<TakenOver> TakeOver(SpoolDatabase& opened, SpoolDatabase* lost,
                                     const Which& is_removable);
  common::Result<Copied> CopyLost(SpoolDatabase& opened, SpoolDatabase& lost,
                                  const Which& is_removable);
  [[nodiscard]] std::int64_t LastSequenceOf(SpoolDatabase& database) const;
  [[nodiscard]] bool IsOfThisFile(std::int64_t sequence) const { return sequence > base_; }
  /// By the sequences in the file.
  [[nodiscard]] Which InFile(const Which& which) const;

  const SpoolDatabase::Options options_;
  SpoolEvents& events_;
  const RoomForCopy room_for_copy_;
  const FoundLate found_late_;
  std::unique_ptr<SpoolDatabase> database_;  ///< Null while none can be opened.
  State state_ = State::kClosed;
  bool is_astray_ = false;            ///< And it was reported.
  bool was_damaged_ = false;          ///< Before it went astray.
  SpoolFiles seen_;                   ///< Together at the path, when it was last to be opened.
  std::optional<FileIdentity> file_;  ///< The one whose sequences follow `base_`.
  std::int64_t base_ = 0;             ///< A sequence := base_ + the one in the file.
  std::int64_t last_sequence_ = 0;    ///< In the file.
  SpoolCount count_;                  ///< At its end, where the file cannot be written.
  int unread_copies_ = 0;             ///< Copies in a row that failed at what cannot be read.
  int copy_waits_ = 0;                ///< For so many more calls of Maintain().
  int copy_waits_next_ = 1;
  bool log_stays_long_ = false;  ///< Shortening it has failed; tried again by Maintain().
};

}  // namespace ingest
