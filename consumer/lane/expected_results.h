#pragma once

#include <vector>

#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/callback_search.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/outstanding.h"

namespace consumer {

/// The results of finished processes whose callback has not come: made, then committed, given up or
/// refused. From Make() to one of the other three, callbacks of the process wait behind it.
///
///   Make() ─► result ──Committed()──► the process is at its end
///               ├──GivenUp()──► a look that has failed: asked for again
///               └──Refused()──► the process is at its end
///
/// The last three return the callbacks that have waited behind the result, in order.
///
/// Threads: confined to the lane.
class ExpectedResults {
 public:
  struct Parts {
    Outstanding& outstanding;
    const CallbackSearch& search;
    const ExpectedPolicy& policy;
    LaneEvents& events;
  };
  explicit ExpectedResults(Parts parts) : parts_(parts) {}

  /// The look has found the process finished. Precondition: its entry is in the table.
  [[nodiscard]] Completion Make(FetchResult result, const Moment& now, Tasks& tasks);

  /// The task knows the identities of the committed result already: the callbacks may be duplicates
  /// now.
  [[nodiscard]] std::vector<JobId> Committed(JobId id, Tasks& tasks);
  /// The result was given up and will be tried again.
  [[nodiscard]] std::vector<JobId> GivenUp(JobId id, const Moment& now, Tasks& tasks);
  /// `processes` will never accept the result. There is no callback that could become a dead letter,
  /// and the same result would be refused again.
  [[nodiscard]] std::vector<JobId> Refused(JobId id, RefusalReason reason, Tasks& tasks);

 private:
  Parts parts_;
};

}  // namespace consumer
