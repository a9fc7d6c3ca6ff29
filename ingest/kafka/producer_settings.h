#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "common/kafka/client_config.h"
#include "ingest/kafka/batch_limit.h"
#include "ingest/policy/batching.h"
#include "ingest/policy/shedding.h"

namespace ingest {

/// The settings of a producer of callbacks.
struct ProducerSettings {
  std::string topic = "callbacks";
  std::string client{};  ///< The default of `client.id`; empty: that of the producer of callbacks.
  std::string instance;  ///< The value of the header `ingest-instance`; empty: no header.
  common::kafka::Properties operator_properties;  ///< The configuration's `kafka:`.
  /// How long to hold records.
  BatchBounds batch{.max_delay = MaxDelay::Fixed(std::chrono::milliseconds(0))};
  LoadBounds bounds;  ///< The queue holds all callbacks that may be in flight.
  std::size_t max_body = 1024ULL * 1024;
  std::string max_body_name = "max_body";  ///< For the operator.
  std::size_t max_head = 16ULL * 1024;
  std::size_t max_batch = BatchLimit::kWanted;  ///< At most what the topic accepts (BatchLimit).
};

/// The batch size that the operator configured, or librdkafka's default.
[[nodiscard]] std::size_t ConfiguredBatchSize(const common::kafka::Properties& operator_properties);

/// The properties that the operator may override.
///
///   max.in.flight: few requests in flight make large batches. With idempotence off, librdkafka's
///   default of 1,000,000 costs fifteen times the CPU for each callback. But a request carries one
///   partition, and a broker's partitions take turns, unevenly. With 2 in flight and a broker that
///   takes 200 ms for each request, an eighth of the acks of 12 partitions come after the 4 s that
///   a callback waits. With 5, none do, and a callback costs a quarter more CPU on a fast broker.
///
///   reconnect.backoff: short, so that failures are known before the callbacks' deadline.
///
///   enable.idempotence: without it, a retry may duplicate or reorder records; consumer removes the
///   duplicates. With it, librdkafka before 2.3 goes fatal after an error that may have been
///   persisted.
///
///   allow.auto.create.topics: a topic that a broker creates on request has the broker's default
///   number of copies, so its acks promise nothing.
[[nodiscard]] common::kafka::Properties ProducerDefaults(const ProducerSettings& settings);

/// The properties that the promises need: acks of all in-sync replicas, the partitioner of Java
/// clients, and batches that the topic accepts.
[[nodiscard]] common::kafka::Properties ProducerPromises(const ProducerSettings& settings);

}  // namespace ingest
