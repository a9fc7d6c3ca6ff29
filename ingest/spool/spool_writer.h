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
///         anything else               +--its content is damaged-----> kDamaged: until another file
///                                                                     is at the path
///
/// A file that is no longer at its path accepts nothing more. Its callbacks are copied into the
/// file at the path, or into a new one, once there is room; until then replay reads them from the
/// old file. In the end, unreadable callbacks are left behind and counted, and a file on a dead
/// disk is left without a last write.
///
/// Sequences grow from file to file, so an earlier file's sequence never names a callback of a
/// later one.
///
/// Threads: confined.
class SpoolWriter final : public Replay::Source {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// How many bytes may be copied into a file that has `used` bytes.
  using RoomForCopy = std::function<std::size_t(std::size_t used)>;
  /// Called for a callback that was unreadable during counting, before Scan() passes it on.
  using FoundLate =
      std::function<void(std::int64_t sequence, std::string_view provider, std::size_t size)>;

  SpoolWriter(SpoolDatabase::Options options, SpoolEvents& events, RoomForCopy room_for_copy = {},
              FoundLate found_late = {});

  /// True if the file is open at its path, even if the disk refuses writes now. False before the
  /// first Maintain().
  [[nodiscard]] bool is_open() const {
    return database_ && (state_ == State::kGood || state_ == State::kUnwritten);
  }
  [[nodiscard]] bool is_writable() const { return database_ && state_ == State::kGood; }

  enum class Stored {
    kYes,      ///< They are on disk.
    kNo,       ///< None of them counts as stored.
    kFileLost  ///< In a file that is no longer at its path. Maintain() copies them with the others.
  };
  /// Gives each callback a sequence.
  [[nodiscard]] Stored Store(std::span<SpooledCallback> callbacks);
  /// Checks the paths. A file that is no longer at its path accepts nothing more.
  [[nodiscard]] bool DetectFileLoss();
  /// Removes all or none. Returns the amount of removed callbacks that were counted. "unreadable":
  /// one of them or its neighbour is.
  common::Result<SpoolHoldings::Amount> Remove(std::span<const SequenceRange> rows);
  /// Call after Store() or Remove(), once the callers are answered: checkpoints a long log, which
  /// takes milliseconds.
  void ShortenLog();

  // Counted callbacks, for replay. Errors: also "closed", while no file is open.
  Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most, const Visit& visit) override;
  common::Result<std::optional<SpooledCallback>> Read(std::int64_t sequence) override;
  [[nodiscard]] std::int64_t last_sequence() const override {
    return base_ + (count_.is_done() ? last_.Bound() : count_.counted_to());
  }

  [[nodiscard]] std::optional<common::WallTime> OldestReceivedAt();
  /// The file holds no callback with this or an earlier sequence: those were in another file.
  [[nodiscard]] std::int64_t base() const { return base_; }

  /// Retries what failed and checks that the file is still at its path. Call each second. If it has
  /// opened a file, returns roughly how many bytes are in it, which must be counted. Copies leave
  /// out rows for which `is_removable` is true.
  using Which = SpoolDatabase::Which;
  std::optional<std::size_t> Maintain(const Which& is_removable = {});

  /// True if rows are left to be counted. After a failure, only once Maintain() was called.
  [[nodiscard]] bool must_count() const { return is_open() && count_.must_go_on(); }
  struct CountedPart {
    SpoolHoldings holdings{};
    bool is_last = false;
  };
  /// Continues counting until the deadline. Rows for which `is_done` is true count as done.
  /// Precondition: must_count().
  CountedPart CountOn(common::Deadline deadline, const Which& is_done = {});

 private:
  enum class State { kClosed, kGood, kUnwritten, kDamaged };

  void Note(const common::Error& error);
  void NoteDamage(const common::Error& error);
  common::Error NoteUnread(common::Error error);
  void ForgetUncounted();
  std::optional<std::size_t> OpenAnew(const Which& is_removable);
  std::optional<std::size_t> CannotOpen(const common::Error& error);
  common::Result<void> PrepareToLeave();
  [[nodiscard]] bool HasLogAtPath() const;
  common::Result<std::unique_ptr<SpoolDatabase>> OpenAtPath();
  struct Takeover {
    std::int64_t base = 0;
    std::int64_t last_sequence = 0;
    std::size_t bytes = 0;
    Copied copied{};
  };
  common::Result<Takeover> TakeOver(SpoolDatabase& opened, SpoolDatabase* lost,
                                    const Which& is_removable);
  common::Result<Copied> CopyLost(SpoolDatabase& opened, SpoolDatabase& lost, LastSequence last,
                                  const Which& is_removable);
  [[nodiscard]] LastSequence LastSequenceOf(SpoolDatabase& database) const;
  [[nodiscard]] bool IsOfThisFile(std::int64_t sequence) const { return sequence > base_; }
  /// Translates to the sequences in the file.
  [[nodiscard]] Which InFile(const Which& which) const;

  const SpoolDatabase::Options options_;
  SpoolEvents& events_;
  const RoomForCopy room_for_copy_;
  const FoundLate found_late_;
  std::unique_ptr<SpoolDatabase> database_;  ///< Null while none can be opened.
  State state_ = State::kClosed;
  bool is_file_lost_ = false;  ///< And this was reported.
  bool was_damaged_ = false;   ///< Before it left its path.
  SpoolFiles seen_;            ///< Found together at the path at the last attempt to open them.
  std::optional<FileIdentity> file_;  ///< The file whose sequences follow `base_`.
  std::int64_t base_ = 0;             ///< A sequence is base_ + the sequence in the file.
  LastSequence last_{.known = 0};     ///< In the file.
  SpoolCount count_;                  ///< Done if the file cannot be written.
  int unsettled_ = 0;                 ///< Times in a row that the lost file's log was not settled.
  int unread_copies_ = 0;             ///< Copies in a row that failed at unreadable rows.
  int copy_waits_ = 0;                ///< How many more calls of Maintain() to wait.
  int copy_waits_next_ = 1;
  bool log_stays_long_ = false;  ///< A checkpoint has failed; Maintain() retries it.
};

}  // namespace ingest
