#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"

namespace common::kafka {

void AddHeader(rd_kafka_headers_t& headers, std::string_view name, std::string_view value);

/// For rd_kafka_producev, which takes them over (release() them) only if it succeeds.
[[nodiscard]] Headers ToKafka(const RecordHeaders& headers);

/// In their order; a null value becomes an empty one.
[[nodiscard]] RecordHeaders HeadersOf(const rd_kafka_message_t& message);
/// The same without copies, in place of what is in `headers`. Lifetime: that of the message.
void ViewHeaders(const rd_kafka_message_t& message, HeaderViews& headers);

/// Views into the message. A null key or value is an empty one.
[[nodiscard]] std::string_view KeyOf(const rd_kafka_message_t& message);
[[nodiscard]] std::string_view ValueOf(const rd_kafka_message_t& message);

/// None if the record carries no timestamp.
[[nodiscard]] std::optional<WallTime> TimestampOf(const rd_kafka_message_t& message);

}  // namespace common::kafka
