#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace ingest {

class KafkaEvents;

/// Reports when Kafka, or a partition of the topic, stops or resumes accepting records.
///
/// Threads: confined.
class AvailabilityReport {
 public:
  /// The failing partitions, each with the reason.
  using Failing = std::map<std::int32_t, std::string>;

  explicit AvailabilityReport(KafkaEvents& events) : events_(events) {}

  /// `why_away`: nullopt if Kafka accepts records.
  void Report(const std::optional<std::string>& why_away, const Failing& failing);

 private:
  void ReportPartitions(const Failing& failing);

  KafkaEvents& events_;
  std::optional<bool> was_accepting_;
  std::set<std::int32_t> failing_;  ///< The partitions reported last.
};

}  // namespace ingest
