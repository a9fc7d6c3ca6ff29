#include "ingest/kafka/availability_report.h"

#include "ingest/kafka/kafka_events.h"

namespace ingest {

void AvailabilityReport::Report(const std::optional<std::string>& why_away,
                                const std::optional<Failing>& failing) {
  ReportPartitions(failing);
  if (was_accepting_ == !why_away.has_value()) return;
  was_accepting_ = !why_away.has_value();
  if (why_away) {
    events_.KafkaIsAway(*why_away);
  } else {
    events_.KafkaIsAccepting();
  }
}

void AvailabilityReport::ReportPartitions(const std::optional<Failing>& failing) {
  if (!failing) return events_.PartitionsFailing(std::nullopt);
  events_.PartitionsFailing(failing->size());
  for (const auto& [partition, why] : *failing) {
    if (failing_.insert(partition).second) events_.PartitionFails(partition, why);
  }
  std::erase_if(failing_, [&](common::Partition partition) {
    if (failing->contains(partition)) return false;
    events_.PartitionWorks(partition);
    return true;
  });
}

}  // namespace ingest
