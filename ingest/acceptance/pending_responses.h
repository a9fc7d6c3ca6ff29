#pragma once

#include <cstdint>
#include <span>

#include "common/domain/provider_rules.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// Names a request that waits for its answer. Plain data: the client may have disconnected
/// meanwhile.
struct WaitingRequest {
  std::uint32_t worker = 0;
  std::uint64_t connection = 0;
  std::uint64_t request = 0;
  RequestId id{};  ///< The record's id; empty until the callback is accepted.
  friend bool operator==(const WaitingRequest&, const WaitingRequest&) = default;
};

/// A waiting request and the situation that decides its answer.
struct DecidedRequest {
  WaitingRequest request;
  common::ProviderTable::Index row = 0;
  Situation situation = Situation::kUnavailable;
};

/// Answers the requests that Accept() did not answer immediately.
///
/// Threads: any.
/// Time:    never blocks.
class PendingResponses {
 public:
  virtual ~PendingResponses() = default;
  /// Requests decided together wake the answering threads only once.
  virtual void Answer(std::span<const DecidedRequest> decided) = 0;
};

}  // namespace ingest
