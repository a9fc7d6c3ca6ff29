#pragma once

#include <cstddef>
#include <string>

#include "common/kafka/client_config.h"
#include "ingest/kafka/batch_limit.h"
#include "ingest/policy/shedding.h"

namespace ingest {

/// What a producer of callbacks is made from.
struct ProducerSettings {
  std::string topic = "callbacks";
  common::kafka::Properties operator_properties;  ///< `kafka:` of the configuration.
  LoadBounds bounds;                              ///< Its queue holds as much as may be in flight.
  std::size_t max_body = 1024ULL * 1024;
  std::size_t max_head = 16ULL * 1024;
  std::size_t max_batch = BatchLimit::kWanted;  ///< BatchLimit: no more than the topic takes.
};

/// What the operator wants of a batch, or librdkafka's default.
[[nodiscard]] std::size_t BatchWantedBy(const common::kafka::Properties& operator_properties);

/// What the operator may override.
///
///   Few requests in flight make large batches: with idempotence off and librdkafka's default of
///   1 000 000 a callback costs fifteen times the CPU. But a request carries one partition, and the
///   partitions of a broker take turns, not evenly: with 2 in flight and a broker that takes 200 ms
///   for each, an eighth of the acks of 12 partitions come after the 4 s that a callback waits; with
///   5 none do, and a callback costs a quarter more CPU on a fast broker. A short reconnect backoff makes failures
///   known by their deadline. Without idempotence a retry may duplicate or reorder records, which
///   the consumer removes; with it, librdkafka before 2.3 goes fatal after an error that was
///   possibly persisted. A topic that a broker creates by itself, because somebody asked for it,
///   has the broker's default copies, of which an ack promises nothing.
[[nodiscard]] common::kafka::Properties ProducerDefaults(const ProducerSettings& settings);

/// What the promises rest on: an ack of all in-sync replicas, the partitioner of Java clients, and
/// batches that the topic takes.
[[nodiscard]] common::kafka::Properties ProducerPromises(const ProducerSettings& settings);

}  // namespace ingest
