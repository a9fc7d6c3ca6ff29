#pragma once

#include <librdkafka/rdkafka.h>

namespace ingest {

/// The cause of a failed delivery.
enum class DeliveryFault {
  kRecord,     ///< The broker accepts records, but not this one.
  kPartition,  ///< Perhaps one partition: its leader, its replicas or its broker.
  kPurge,      ///< Our own: the producer was replaced or closed.
  kOther,
};

[[nodiscard]] DeliveryFault FaultOf(rd_kafka_resp_err_t error);

}  // namespace ingest
