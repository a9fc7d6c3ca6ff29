#pragma once

#include <cstdint>
#include <span>

#include "common/domain/provider_rules.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// Names a request that waits for its answer. Plain data: the client may be gone meanwhile.
struct WaitingRequest {
  std::uint32_t worker = 0;
  std::uint64_t connection = 0;
  std::uint64_t request = 0;
  RequestId id{};  ///< Of its record; none until it is accepted.
  friend bool operator==(const WaitingRequest&, const WaitingRequest&) = default;
};

/// What is the case for a request that waits.
struct DecidedRequest {
  WaitingRequest request;
  common::ProviderTable::Index row = 0;
  Situation situation = Situation::kUnavailable;
};

/// The requests that got no answer at once.
///
/// Threads: any. Time: never blocks.
class PendingResponses {
 public:
  virtual ~PendingResponses() = default;
  /// Those decided together cost the threads that write the answers one wake-up.
  virtual void Answer(std::span<const DecidedRequest> decided) = 0;
};

}  // namespace ingest
