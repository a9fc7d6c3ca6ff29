#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"

namespace common::kafka {

void AddHeader(rd_kafka_headers_t& headers, std::string_view name, std::string_view value);

/// For SendRecord().
[[nodiscard]] Headers ToKafka(const RecordHeaders& headers);

/// Copies the headers in their order. A null value becomes empty.
[[nodiscard]] RecordHeaders HeadersOf(const rd_kafka_message_t& message);
/// Like HeadersOf(), but replaces the content of `headers` with views. Lifetime: the message's.
void ViewHeaders(const rd_kafka_message_t& message, HeaderViews& headers);

/// Where the record stands on its topic.
[[nodiscard]] inline Partition PartitionOf(const rd_kafka_message_t& message) {
  return Partition(message.partition);
}
[[nodiscard]] inline Offset OffsetOf(const rd_kafka_message_t& message) {
  return Offset(message.offset);
}

/// Views into the message. A null key or value becomes empty.
[[nodiscard]] std::string_view KeyOf(const rd_kafka_message_t& message);
[[nodiscard]] std::string_view ValueOf(const rd_kafka_message_t& message);

/// Empty if the record has no timestamp.
[[nodiscard]] std::optional<WallTime> TimestampOf(const rd_kafka_message_t& message);

}  // namespace common::kafka
