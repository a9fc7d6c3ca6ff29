#pragma once

#include <string>

#include "consumer/fetch/fetch_events.h"
#include "consumer/fetch/fetch_job.h"

namespace consumer {

/// Follows the requests to the API for traces. Token requests are not followed.
///
/// Threads: confined to the lane. An implementation must not block.
class AttemptTraces {
 public:
  virtual ~AttemptTraces() = default;
  /// Returns the traceparent that the request carries; empty: none.
  virtual std::string AttemptStarts(const FetchJob& job, Resource resource) = 0;
  /// Of the job's last attempt. Does not come if the job is cancelled meanwhile.
  virtual void AttemptEnded(const AttemptReport& report) = 0;
};

}  // namespace consumer
