#include "common/kafka/record_codec.h"

#include <cstddef>
#include <cstdint>

namespace common::kafka {
namespace {

std::string_view View(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

void AddHeader(rd_kafka_headers_t& headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(&headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

Headers ToKafka(const RecordHeaders& headers) {
  Headers converted(rd_kafka_headers_new(headers.size()));
  for (const RecordHeader& header : headers) AddHeader(*converted, header.name, header.value);
  return converted;
}

RecordHeaders HeadersOf(const rd_kafka_message_t& message) {
  HeaderViews views;
  ViewHeaders(message, views);
  RecordHeaders headers;
  headers.reserve(views.size());
  for (const auto& [name, value] : views) {
    headers.push_back({std::string(name), std::string(value)});
  }
  return headers;
}

void ViewHeaders(const rd_kafka_message_t& message, HeaderViews& headers) {
  headers.clear();
  rd_kafka_headers_t* raw = nullptr;  // The message keeps ownership.
  if (rd_kafka_message_headers(&message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, View(value, size)});
  }
}

std::string_view KeyOf(const rd_kafka_message_t& message) {
  return View(message.key, message.key_len);
}

std::string_view ValueOf(const rd_kafka_message_t& message) {
  return View(message.payload, message.len);
}

std::optional<WallTime> TimestampOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t milliseconds = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || milliseconds < 0) return std::nullopt;
  return WallTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace common::kafka
