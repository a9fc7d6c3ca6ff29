#pragma once

#include <cstdint>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// Names a request that waits for its answer. Plain data: the client may be gone meanwhile.
struct WaitingRequest {
  std::uint32_t worker = 0;
  std::uint64_t connection = 0;
  std::uint64_t request = 0;
  friend bool operator==(const WaitingRequest&, const WaitingRequest&) = default;
};

/// The requests that got no answer at once.
///
/// Threads: any. Time: never blocks.
class PendingResponses {
 public:
  virtual ~PendingResponses() = default;
  virtual void Answer(const WaitingRequest& request, common::ProviderTable::Index row,
                      Situation situation) = 0;
};

}  // namespace ingest
