#pragma once

#include <chrono>
#include <cstddef>
#include <set>

#include "common/base/result.h"
#include "common/domain/partition.h"
#include "ingest/kafka/producer_session.h"

namespace ingest {

/// The partitions of the session's topic, as a broker knows them.
struct TopicLeaders {
  std::size_t partitions = 0;
  std::set<common::Partition> without;  ///< The partitions without a leader.
  bool has_error = false;               ///< The broker does not know the topic, or may not tell.
};

/// Asks a broker, for at most `timeout`.
/// Errors: kRetry if no broker answers.
[[nodiscard]] common::Result<TopicLeaders> FindLeaders(const ProducerSession& session,
                                                       std::chrono::milliseconds timeout);

}  // namespace ingest
