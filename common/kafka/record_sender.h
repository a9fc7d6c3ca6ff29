#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// A record for SendRecord().
struct OutboundRecord {
  std::optional<std::string_view> key = {};    ///< None: null. An empty one is not null.
  std::optional<std::string_view> value = {};  ///< The same.
  std::optional<Partition> partition = {};     ///< None: the client's partitioner chooses.
  std::optional<WallTime> timestamp = {};      ///< None: the time of the call.
  /// Comes back in the delivery report, see OpaqueOf(). A number and never an address, so that a
  /// late report finds nothing that has been destroyed.
  std::uintptr_t opaque = 0;
};

/// Hands the record to the producer, which copies key and value and adds nothing else to the heap.
/// The result is that of the enqueueing; the delivery report tells whether a broker stored it.
///
/// Threads: any; never blocks: _QUEUE_FULL if there is no room.
/// Errors:  librdkafka's code; nothing was enqueued then.
[[nodiscard]] rd_kafka_resp_err_t SendRecord(rd_kafka_t* producer, rd_kafka_topic_t* topic,
                                             const OutboundRecord& record, Headers headers = {});
/// The same by the topic's name, which is looked up for each record.
[[nodiscard]] rd_kafka_resp_err_t SendRecord(rd_kafka_t* producer, const std::string& topic,
                                             const OutboundRecord& record, Headers headers = {});

/// OutboundRecord::opaque of a delivery report.
[[nodiscard]] inline std::uintptr_t OpaqueOf(const rd_kafka_message_t& report) {
  return reinterpret_cast<std::uintptr_t>(report._private);
}

}  // namespace common::kafka
