#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "consumer/fetch/account.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/callback_search.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/expected_results.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/outstanding.h"
#include "consumer/policy/rate_limit.h"

namespace consumer {

/// Asks the API for announced processes whose callback has not come.
///
/// A look needs: its partition of `callbacks` was read to an end that was looked up after the look
/// was due (CallbackReading); its account's breaker is closed, or nothing else can probe; a free place
/// in the account's budget; no callback of it in the dedup state (CallbackSearch), nor one that may
/// have been passed over (Task).
///
/// Threads: confined to the lane.
class ExpectedLooks {
 public:
  struct Limits {
    double rate = 0;            ///< Looks of an account a second.
    std::size_t under_way = 8;  ///< The same.
    std::size_t results = 8;    ///< Of a partition, that wait for their commit.
  };
  struct Parts {
    Outstanding& outstanding;
    const CallbackSearch& search;
    ExpectedResults& results;
    const ExpectedPolicy& policy;
    Fetcher& fetcher;
    LaneEvents& events;
    const AccountsOfRows& accounts;
    std::function<JobId()> new_id;
  };
  ExpectedLooks(Limits limits, Parts parts)
      : limits_(limits),
        parts_(std::move(parts)),
        rates_(parts_.accounts.count(), RateLimit(limits.rate)) {}

  /// Starts the looks that are due, the oldest of each account first.
  void StartDue(const Moment& now, const Tasks& tasks);
  /// A look has ended. Returns the result of a finished process without a callback.
  [[nodiscard]] std::optional<Completion> Ended(FetchResult result, const Moment& now,
                                                Tasks& tasks);

 private:
  void StartDue(AccountIndex account, const Moment& now, const Tasks& tasks);
  /// False while the account is away, or may have passed over the callback.
  [[nodiscard]] bool MayLook(AccountIndex account, const Tasks& tasks) const;
  [[nodiscard]] std::optional<Partition> OldestDue(AccountIndex account);
  /// Precondition: a process of the partition and the account is due.
  void StartOldest(Partition partition, AccountIndex account, const Task& task, const Moment& now);
  [[nodiscard]] Sighting FindCallback(const Look& look, std::string_view status, const Task& task,
                                      const Moment& now);
  /// The process is finished, says the API, and no result is made for it.
  void Finished(const Look& look, ExpectedTable::Slot slot, Sighting sighting,
                std::string_view status, const Moment& now);
  void Judged(const Look& look, ExpectedTable::Slot slot, LookAnswer answer, const Moment& now);

  Limits limits_;
  Parts parts_;
  std::vector<RateLimit> rates_;  ///< By account.
};

}  // namespace consumer
