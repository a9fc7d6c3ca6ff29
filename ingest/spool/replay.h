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

/// A number that replay gives: less than 2^32. Those of InFlight have a generation above that and
/// are never as low.
[[nodiscard]] constexpr bool IsOfReplay(CallbackNumber number) { return number >> 32U == 0; }

/// How many partitions the topic has; 0: not known yet.
using PartitionCount = std::function<int()>;

/// Hands what waits on disk to Kafka, as ReplayPlan decides, and tells what became of it.
///
///   waiting --offered--> in flight --stored---> to be removed
///      ^                   |  |  +---refused--> to be kept apart
///      +------failed-------+  |
///      +--no report for 20 s--+
///
/// What a scan cannot read is stepped over, as ScanGaps decides, and so out of the order of its
/// keys, which nobody knows.
///
/// Threads: confined.
/// Time:    reads no clock but that of a deadline.
class Replay {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Where the callbacks are.
  class Source {
   public:
    using Visit =
        std::function<void(std::int64_t sequence, std::string_view key, std::size_t size)>;

    struct Scanned {
      std::int64_t passed = 0;               ///< Every row up to that one was visited.
      std::optional<common::Error> error{};  ///< What follows cannot be read.
    };
    virtual ~Source() = default;
    /// Calls `visit` for rows `from` one `to` another, by sequence: for at most so many, and for a
    /// moment, but for one at least. Passed `to`, if there are no further ones.
    virtual Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most,
                         const Visit& visit) = 0;
    /// nullopt: there is no such row.
    virtual common::Result<std::optional<SpooledCallback>> Read(std::int64_t sequence) = 0;
    /// No row has a greater sequence.
    [[nodiscard]] virtual std::int64_t last_sequence() const = 0;
  };

  /// Longer than librdkafka takes to report, which is sometimes late.
  static constexpr std::chrono::seconds kPatience{20};
  /// While Kafka as a whole is away.
  static constexpr std::chrono::seconds kRest{1};
  /// Until something else may go that only waits for time to pass.
  static constexpr std::chrono::milliseconds kTick{100};
  static constexpr std::size_t kScannedRows = 10'000;

  Replay(CallbackSink& kafka, PartitionCount partitions, Source& source);

  [[nodiscard]] TimePoint next_turn() const { return next_turn_; }

  /// Offers what may go now, after at most one part of a scan: one callback, then others until the
  /// deadline.
  /// Errors: the first one of reading; what is readable is offered all the same. A callback that
  ///         could not be read is tried again, later each time, and keeps nothing but its own key.
  ///         Where a scan failed, nothing could be read, or it is "closed", the next turn is after
  ///         kRest.
  common::Result<void> TakeTurn(TimePoint now, common::Deadline until);

  void OnReports(std::span<const StorageReport> reports, TimePoint now);

  /// It waits for Kafka no longer, though it is on disk until it is removed.
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
    bool is_away = false;  ///< Kafka took nothing in the last turn.
  };
  /// Since the last call.
  [[nodiscard]] Outcomes TakeOutcomes() { return std::exchange(outcomes_, {}); }

  /// How many places and callbacks cannot be read. They are tried again.
  [[nodiscard]] std::size_t unreadable() const { return gaps_.places() + plan_.unread(); }

  /// Whether it waits for Kafka no longer, though it is on disk.
  [[nodiscard]] bool IsDone(std::int64_t sequence) const { return done_.Contains(sequence); }
  /// They are not on disk any more.
  void Removed(std::span<const SequenceRange> rows);

  /// What waits is looked for anew, what is in flight included: the file was opened again, or is
  /// another one, without the rows up to `gone`. What comes of those in flight is not told any more.
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
  void PlanAnew(int partitions);
  common::Result<void> OfferRound(TimePoint now, common::Deadline until);
  /// False: the round ends here.
  bool Offer(const InFlightRow& row, SpooledCallback callback, TimePoint now);
  void Settle(const StorageReport& report, TimePoint now);
  void LoseHope(TimePoint now);
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
  std::map<CallbackNumber, Sent> sent_;  ///< Oldest first, but for when the numbers begin anew.
  SequenceSet done_;                     ///< And not removed yet.
  Outcomes outcomes_;
};

}  // namespace ingest
