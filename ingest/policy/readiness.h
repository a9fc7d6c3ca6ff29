#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ingest {

/// Where callbacks could become durable at this moment.
struct DurabilityHealth {
  bool takes_kafka = false;           ///< Kafka takes records, as far as is known.
  std::optional<bool> takes_spool{};  ///< The spool has room; none: there is no spool.
};

enum class Phase {
  kStarting,  ///< Kafka has been asked for the first time, and has not answered.
  kServing,
  kDraining,
};

/// What /readyz says.
struct ReadinessVerdict {
  bool is_ready = false;
  std::vector<std::string> missing{};  ///< Of "kafka", "spool", "draining".
};

/// An instance that can store callbacks on its disk alone is ready, but not before it has asked
/// Kafka: otherwise each start would spool what Kafka would have taken a moment later.
[[nodiscard]] ReadinessVerdict JudgeReadiness(Phase phase, const DurabilityHealth& health);

}  // namespace ingest
