#include "ops/ctl/status/status_reading.h"

#include <utility>

#include "ops/ctl/instances/instances.h"

namespace ctl {

StatusFacts ReadStatus(StatusReader& reader, const ClusterSettings& settings,
                       const Arguments& arguments, std::chrono::milliseconds patience,
                       const std::stop_token& stop) {
  StatusFacts facts{.now = common::WallNow(),
                    .group = settings.group,
                    .kafka = {},
                    .kafka_error = {},
                    .instances = AskInstances(arguments, settings)};
  auto kafka = reader.Read(facts.now, patience, stop);
  if (kafka) {
    facts.kafka = *std::move(kafka);
  } else {
    facts.kafka_error = kafka.error().detail;
  }
  return facts;
}

std::optional<common::Error> WhyNothingIsKnown(const StatusFacts& facts) {
  if (facts.kafka || !facts.instances.empty()) return std::nullopt;
  return common::Error{common::Remedy::kRetry, "unknown_status", facts.kafka_error};
}

}  // namespace ctl
