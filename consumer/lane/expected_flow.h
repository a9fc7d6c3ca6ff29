#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "common/domain/expected_settings.h"
#include "common/domain/provider_rules.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/announcements.h"
#include "consumer/lane/callback_search.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/expected_announcements.h"
#include "consumer/lane/expected_looks.h"
#include "consumer/lane/expected_results.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/outstanding.h"
#include "consumer/lane/restorer.h"
#include "consumer/policy/expected_policy.h"

namespace consumer {

struct ExpectedFlowSettings {
  common::ExpectedSettings expected;  ///< `rate`: of each account in this lane.
  std::chrono::milliseconds not_found_for{std::chrono::minutes(10)};
  std::size_t most = 1'000'000;  ///< Outstanding processes of this lane.
  std::size_t most_looks = 8;    ///< Requests of an account under way.
  std::size_t most_results = 8;  ///< Of a partition, that wait for their commit.
};

/// Watches the announced processes of a lane's partitions, asks the API for those whose callback
/// has not come, and makes the results of the finished ones.
///
///   ExpectedAnnouncements ─► Outstanding ──due──► ExpectedLooks ──finished──► ExpectedResults ─►
///                                 │                    │              Completion, with the unmoved
///                                 └── callback came ◄──┘              offset of its partition (A1)
///
/// A callback wins as long as the result is not made: it ends the look. One that comes later waits
/// behind the result (Task::DedupResult::kBehind) until that is committed, or given up.
///
/// Threads:  confined to the lane.
/// Lifetime: the ports and the providers must outlive it.
/// Time:     an argument.
class ExpectedFlow {
 public:
  struct Ports {
    Announcements& announcements;
    Fetcher& fetcher;
    LaneEvents& events;
    const AccountsOfRows& accounts;
    std::function<double()> unit_random;
    std::function<JobId()> new_id;  ///< Unique among the lane's jobs.
  };

  ExpectedFlow(const ExpectedFlowSettings& settings, const common::ProviderTable& providers,
               Ports ports);
  ExpectedFlow(const ExpectedFlow&) = delete;
  ExpectedFlow& operator=(const ExpectedFlow&) = delete;

  /// The partition was restored: its announcements are read anew.
  void Restored(Partition partition, const Moment& now);
  /// Forgets these partitions. Returns the looks that are to be cancelled.
  std::unordered_set<JobId> Drop(const std::set<Partition>& partitions);
  /// Forgets all. Looks are cancelled by the caller.
  void Clear();
  /// Ends of `callbacks`.
  void Learn(const std::vector<LogBounds>& bounds, const Moment& now);

  /// Takes in announcements and starts the looks that are due. `may_look`: the lane takes in
  /// callbacks and results.
  void Turn(const Moment& now, bool may_look, Tasks& tasks);
  /// True if announcements wait to be taken in.
  [[nodiscard]] bool has_more() const { return announcements_.has_more(); }

  /// A callback was read that is not a duplicate. Cancels a look at its process.
  void Came(const common::CallbackFacts& facts, const Moment& now);
  /// A callback was handled.
  void Handled(Partition partition, const common::CallbackFacts& facts);
  /// A callback waits behind the result that has this identity among its markers.
  void WaitBehind(const common::Identity& reconciled, JobId callback) {
    outstanding_.looks().WaitBehind(reconciled, callback);
  }

  [[nodiscard]] bool Owns(JobId id) { return outstanding_.looks().Has(id); }
  /// A look has ended. A result to publish: callbacks of the process wait behind it from now on.
  [[nodiscard]] std::optional<Completion> Ended(FetchResult result, const Moment& now,
                                                Tasks& tasks) {
    return looks_.Ended(std::move(result), now, tasks);
  }
  [[nodiscard]] ExpectedResults& results() { return results_; }

  [[nodiscard]] ExpectedCounts Count(const Moment& now) const { return outstanding_.Count(now); }

 private:
  ExpectedPolicy policy_;
  CallbackSearch search_;
  Outstanding outstanding_;
  ExpectedAnnouncements announcements_;
  ExpectedResults results_;
  ExpectedLooks looks_;
};

}  // namespace consumer
