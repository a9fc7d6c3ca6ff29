#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/spool/replay_plan.h"
#include "ingest/spool/scan_gaps.h"
#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spooled_callback.h"

namespace ingest {

/// True for the numbers of replay, which are below 2^32. InFlight's numbers have a generation above
/// that, so they are never as low.
[[nodiscard]] constexpr bool IsOfReplay(CallbackNumber number) { return number >> 32U == 0; }

/// The number of partitions of the topic; 0 if not yet known.
using PartitionCount = std::function<int()>;

/// Offers callbacks on disk to Kafka, as ReplayPlan decides, and reports the outcomes.
///
///   waiting --offered--> in flight --stored---> to be removed
///      ^                   |  |  +---refused--> to be kept apart
///      +------failed-------+  |
///      +--no report for 20 s--+
///
/// Rows that a scan cannot read are skipped, as ScanGaps decides. Their keys are unknown, so their
/// order is lost.
///
/// Threads: confined.
/// Time:    reads no clock except a deadline's.
class Replay {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Provides the callbacks.
  class Source {
   public:
    using Visit =
        std::function<void(std::int64_t sequence, std::string_view key, std::size_t size)>;

    struct Scanned {
      std::int64_t passed = 0;               ///< Every row up to this one was visited.
      std::optional<common::Error> error{};  ///< The following rows cannot be read.
    };
    virtual ~Source() = default;
    /// Calls `visit` for rows from `from` to `to`, by sequence: for at least one, at most `most`,
    /// and only for a moment. `passed` is `to` if there are no further rows.
    virtual Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most,
                         const Visit& visit) = 0;
    /// nullopt if the row does not exist.
    virtual common::Result<std::optional<SpooledCallback>> Read(std::int64_t sequence) = 0;
    /// No row has a greater sequence.
    [[nodiscard]] virtual std::int64_t last_sequence() const = 0;
  };

  /// Longer than librdkafka takes to report, which is sometimes late.
  static constexpr std::chrono::seconds kPatience{20};
  /// The pause while Kafka as a whole is unavailable.
  static constexpr std::chrono::seconds kRest{1};
  /// The pause while callbacks only wait for time to pass.
  static constexpr std::chrono::milliseconds kTick{100};
  static constexpr std::size_t kScannedRows = 10'000;

  Replay(CallbackSink& kafka, PartitionCount partitions, Source& source);

  [[nodiscard]] TimePoint next_turn() const { return next_turn_; }

  /// Offers what may go now, after at most one part of a scan: one callback, then others until the
  /// deadline.
  /// Errors: the first read error; readable callbacks are offered anyway. An unreadable callback is
  ///         retried after growing delays and blocks only its own key. If a scan failed, nothing
  ///         was readable, or the file is "closed", the next turn is after kRest.
  common::Result<void> RunTurn(TimePoint now, common::Deadline until);

  void OnReports(std::span<const StorageReport> reports, TimePoint now);

  /// A callback that waits for Kafka no longer, but is on disk until it is removed.
  struct Done {
    std::int64_t sequence = 0;
    std::string provider{};
  };
  struct Refused {
    Done callback;
    std::string reason;
  };
  struct Outcomes {
    std::vector<Done> stored{};
    std::vector<Refused> refused{};
    bool is_away = false;  ///< Kafka accepted nothing in the last turn.
  };
  /// The outcomes since the last call.
  [[nodiscard]] Outcomes TakeOutcomes() { return std::exchange(outcomes_, {}); }

  /// The number of unreadable places and callbacks. Replay retries them.
  [[nodiscard]] std::size_t unreadable() const { return gaps_.places() + plan_.unread(); }

  /// True if the row waits for Kafka no longer, though it is on disk.
  [[nodiscard]] bool IsDone(std::int64_t sequence) const { return done_.Contains(sequence); }
  /// These rows are not on disk any more.
  void Removed(std::span<const SequenceRange> rows);

  /// Searches for waiting callbacks again, including those in flight: the file was reopened, or
  /// replaced by one without the rows up to `gone`. Outcomes of callbacks in flight are not
  /// reported any more.
  void StartOver(std::int64_t gone);

 private:
  struct Sent {
    InFlightRow row;
    Done callback;
    TimePoint offered_at;
  };

  common::Result<void> Scan(TimePoint now);
  void ReadGap(const ScanGaps::Range& gap, TimePoint now);
  [[nodiscard]] static WaitingRow RowOf(std::int64_t sequence, std::string_view key,
                                        std::size_t size);
  void Replan(int partitions);
  common::Result<void> OfferRound(TimePoint now, common::Deadline until);
  /// False if the round ends here.
  bool Offer(const InFlightRow& row, SpooledCallback callback, TimePoint now);
  void Settle(const StorageReport& report, TimePoint now);
  void ExpireSent(TimePoint now);
  void Refuse(const InFlightRow& row, Done callback, std::string_view reason);
  void Rest(TimePoint until) { next_turn_ = resting_until_ = until; }

  CallbackSink& kafka_;
  const PartitionCount partitions_;
  Source& source_;
  ReplayPlan plan_{1};
  ScanGaps gaps_;
  TimePoint next_scan_{};
  TimePoint next_turn_{};
  TimePoint resting_until_{};
  std::uint32_t last_number_ = 0;
  std::map<CallbackNumber, Sent> sent_;  ///< Oldest first, except after the numbers wrap.
  SequenceSet done_;                     ///< And not removed yet.
  Outcomes outcomes_;
};

}  // namespace ingest
