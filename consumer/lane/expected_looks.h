#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

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
/// was due (CallbackReading); the breaker is closed, or nothing else can probe; a free place in the
/// budget; no callback of it in the dedup state (CallbackSearch).
///
/// Threads: confined to the lane.
class ExpectedLooks {
 public:
  struct Limits {
    double rate = 0;  ///< Looks a second.
    std::size_t under_way = 8;
    std::size_t results = 8;  ///< Of a partition, that wait for their commit.
  };
  struct Parts {
    Outstanding& outstanding;
    const CallbackSearch& search;
    ExpectedResults& results;
    const ExpectedPolicy& policy;
    Fetcher& fetcher;
    LaneEvents& events;
    std::function<JobId()> new_id;
  };
  ExpectedLooks(Limits limits, Parts parts)
      : limits_(limits), parts_(std::move(parts)), rate_(limits.rate) {}

  /// Starts the looks that are due, the oldest first.
  void StartDue(const Moment& now, const Tasks& tasks);
  /// A look has ended. Returns the result of a finished process without a callback.
  [[nodiscard]] std::optional<Completion> Ended(FetchResult result, const Moment& now,
                                                Tasks& tasks);

 private:
  [[nodiscard]] std::optional<Partition> OldestDue();
  /// Precondition: a process of the partition is due.
  void StartOldest(Partition partition, const Task& task, const Moment& now);
  [[nodiscard]] Sighting FindCallback(const Look& look, std::string_view status, const Task& task,
                                      const Moment& now);
  /// The process is finished, says the API, and no result is made for it.
  void Finished(const Look& look, ExpectedTable::Slot slot, Sighting sighting,
                std::string_view status, const Moment& now);
  void Judged(const Look& look, ExpectedTable::Slot slot, LookAnswer answer, const Moment& now);

  Limits limits_;
  Parts parts_;
  RateLimit rate_;
};

}  // namespace consumer
