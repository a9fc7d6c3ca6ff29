#include "ingest/policy/readiness.h"

namespace ingest {

ReadinessVerdict JudgeReadiness(Phase phase, const DurabilityHealth& health) {
  if (phase == Phase::kDraining) return {.is_ready = false, .missing = {"draining"}};
  ReadinessVerdict verdict;
  const bool can_spool = health.takes_spool.value_or(false);
  if (!health.takes_kafka) verdict.missing.emplace_back("kafka");
  if (health.takes_spool && !can_spool) verdict.missing.emplace_back("spool");
  verdict.is_ready = health.takes_kafka || (can_spool && phase == Phase::kServing);
  return verdict;
}

}  // namespace ingest
