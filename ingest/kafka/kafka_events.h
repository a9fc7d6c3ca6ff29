#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "common/domain/partition.h"

namespace ingest {

/// Reports what the producer learns about Kafka.
///
/// Threads: any.
class KafkaEvents {
 public:
  using Duration = std::chrono::steady_clock::duration;

  virtual ~KafkaEvents() = default;

  virtual void Acknowledged(Duration since_produce) = 0;
  /// Held callbacks were handed to the client at once; `records`: how many.
  virtual void BurstSent(std::size_t records) = 0;
  /// The same for each partition of the burst.
  virtual void BatchSent(std::size_t records) = 0;
  /// The same for each callback: how long it was held.
  virtual void Held(Duration wait) = 0;
  virtual void KafkaIsAccepting() = 0;
  virtual void KafkaIsAway(std::string_view why) = 0;
  /// nullopt: unknown.
  virtual void PartitionsFailing(std::optional<std::size_t> count) = 0;
  virtual void PartitionFails(common::Partition partition, std::string_view why) = 0;
  virtual void PartitionWorks(common::Partition partition) = 0;
  /// Kafka accepts records, but not these.
  virtual void RecordsRefused(std::size_t count, std::string_view why) = 0;
  /// A finding of the topic check. Refused findings are errors, the others warnings.
  virtual void TopicFinding(bool is_refused, std::string_view topic, std::string_view what) = 0;
  virtual void ProducerRestarted(std::string_view why) = 0;
  virtual void ProducerNotRebuilt(std::string_view why) = 0;
  /// The topic accepts no larger batches; the producer was replaced to make smaller ones.
  virtual void BatchesLimited(std::size_t bytes) = 0;
};

}  // namespace ingest
