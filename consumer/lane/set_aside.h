#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/base/backoff.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/refusal.h"

namespace consumer {

/// Completions whose records are refused for now, kept aside so that the others can be committed.
/// Their offsets are not committed: after a crash or a revocation they are read again.
///
/// A refused place holds everything that goes there; a refused result holds the later results of
/// its process; a refused dead letter waits alone. The first completion of each hold is retried,
/// with growing waits; once it is committed, the others follow.
///
/// Threads: confined to the lane. Time: an argument.
class SetAside {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    /// Of records; beyond it results are dropped and fetched again.
    std::size_t bytes = std::size_t{32} * 1024 * 1024;
    common::Backoff retry{std::chrono::milliseconds(500), std::chrono::milliseconds(60'000)};
    /// While nothing is committed, the fault may be the cluster's, which passes.
    std::chrono::milliseconds outage_retry{10'000};
    /// Single records are retried one at a time: n of them cost no more than one.
    std::chrono::milliseconds between_records{1'000};
  };

  explicit SetAside(Limits limits) : limits_(limits) {}

  /// Adds a refused completion. True if it is refused for the first time.
  bool Add(Completion completion, const Suspicion& why, TimePoint now);
  /// Takes back retried completions that got no verdict, as if refused again.
  void Return(Completion completion, TimePoint now);

  /// Takes the completion if it must wait for another one.
  [[nodiscard]] bool Keeps(Completion& completion);

  /// The first completion of each place's hold that is due. If none is due: one completion whose
  /// own record is refused, to be retried alone.
  [[nodiscard]] std::vector<Completion> TakeDue(TimePoint now);
  /// max(): never.
  [[nodiscard]] TimePoint NextDue() const;

  /// The retried completion was committed: returns the others of its hold in order.
  [[nodiscard]] std::deque<Completion> Release(const HoldKey& key);
  /// Completions of released holds whose results were dropped: to be fetched again.
  [[nodiscard]] std::vector<JobId> TakeDropped() { return std::exchange(to_fetch_, {}); }
  /// The retried completion is gone without a verdict.
  void Abandon(const HoldKey& key, TimePoint now);
  /// Something was committed: a partition that refuses records both before and after that has a
  /// fault of its own.
  void CommitSucceeded() { ++successes_; }

  void Clear();
  /// Forgets completions of these partitions.
  void Drop(const std::set<Partition>& sources, TimePoint now);

  /// In hand, without those being retried.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t CountOf(Partition source) const;

 private:
  struct Hold {
    RefusalReason reason = RefusalReason::kUnavailable;
    std::deque<Completion> queue;
    std::vector<Completion> dropped;  ///< All later ones, without their records.
    int failures = 0;
    std::uint64_t seen_successes = 0;
    TimePoint due{};
    bool is_tried = false;  ///< The first one is being retried.
  };

  [[nodiscard]] Hold* HoldFor(const Completion& completion);
  void Failed(Hold& hold, TimePoint now) const;
  void Enter(const Completion& completion);
  void Leave(const Completion& completion);

  Limits limits_;
  std::map<HoldKey, Hold> holds_;
  std::map<Partition, std::size_t> by_source_;
  std::vector<JobId> to_fetch_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t successes_ = 1;
  TimePoint next_record_{};
};

}  // namespace consumer
