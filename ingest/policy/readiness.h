#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ingest {

/// Where callbacks can become durable now.
struct DurabilityHealth {
  bool takes_kafka = false;           ///< Kafka accepts records, as far as ingest knows.
  std::optional<bool> takes_spool{};  ///< The spool has room; nullopt if there is no spool.
};

enum class Phase {
  kStarting,  ///< The first request to Kafka is unanswered.
  kServing,
  kDraining,
};

/// The answer of /readyz.
struct ReadinessVerdict {
  bool is_ready = false;
  std::vector<std::string> missing{};  ///< Of "kafka", "spool", "draining".
};

/// An instance that can store callbacks only in its spool is ready, but not before its first
/// contact with Kafka. Otherwise each start would spool callbacks that Kafka would have accepted a
/// moment later.
[[nodiscard]] ReadinessVerdict JudgeReadiness(Phase phase, const DurabilityHealth& health);

}  // namespace ingest
