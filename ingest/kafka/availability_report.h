#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/domain/partition.h"

namespace ingest {

class KafkaEvents;

/// Reports when Kafka, or a partition of the topic, stops or resumes accepting records.
///
/// Threads: confined.
class AvailabilityReport {
 public:
  /// The failing partitions, each with the reason.
  using Failing = std::map<common::Partition, std::string>;

  explicit AvailabilityReport(KafkaEvents& events) : events_(events) {}

  /// `why_away`: nullopt if Kafka accepts records. `failing`: nullopt if that is unknown.
  void Report(const std::optional<std::string>& why_away, const std::optional<Failing>& failing);

 private:
  void ReportPartitions(const std::optional<Failing>& failing);

  KafkaEvents& events_;
  std::optional<bool> was_accepting_;
  std::set<common::Partition> failing_;  ///< The partitions reported last.
};

}  // namespace ingest
