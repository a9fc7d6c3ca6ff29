#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "ingest/acceptance/pending_responses.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// Follows requests for traces. A callback has two ends, in either order: its answer, and the
/// decision about its storage, which one of Decided() and Refused() tells.
///
///   Begin ─┬─► Decided | Refused
///          └─► Answered | Abandoned [ ─► Answered ]
///   Answered alone: a request that did not get as far as Begin()
///
/// Threads: any.
/// Time:    never blocks.
class RequestTraces {
 public:
  using Duration = std::chrono::steady_clock::duration;
  struct Sent {
    std::optional<std::string_view> traceparent{};  ///< Possibly invalid, like the next.
    std::string_view tracestate{};
    common::WallTime received_at{};
  };

  virtual ~RequestTraces() = default;

  /// An authenticated callback is about to be stored. Returns the traceparent of its record.
  virtual std::string Begin(const WaitingRequest& request, const Sent& sent) = 0;
  /// It is not: there is no decision to come.
  virtual void Refused(const WaitingRequest& request) = 0;
  virtual void Decided(const WaitingRequest& request, Situation situation) = 0;
  virtual void Answered(const WaitingRequest& request, common::ProviderTable::Index row,
                        Situation situation, int status, Duration since_head) = 0;
  /// The client is gone, or the answer deadline has passed: then Answered() follows.
  virtual void Abandoned(const WaitingRequest& request) = 0;
};

}  // namespace ingest
