#include "common/kafka/record_sender.h"

#include <utility>

namespace common::kafka {
namespace {

/// librdkafka takes a null pointer for a null key or value, and reads only from what it is given.
void* BytesOf(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  return const_cast<char*>(text->data() == nullptr ? "" : text->data());
}

std::size_t SizeOf(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }

}  // namespace

rd_kafka_resp_err_t SendRecord(rd_kafka_t* producer, rd_kafka_topic_t* topic,
                               const OutboundRecord& record, Headers headers) {
  // For librdkafka, 0 is the time of the call.
  const std::int64_t timestamp =
      record.timestamp ? record.timestamp->time_since_epoch().count() : 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): never dereferenced
  void* const opaque = reinterpret_cast<void*>(record.opaque);
  const Partition partition = record.partition.value_or(Partition(RD_KAFKA_PARTITION_UA));
  const rd_kafka_resp_err_t failed =
      rd_kafka_producev(producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition.number()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_KEY(BytesOf(record.key), SizeOf(record.key)),
                        RD_KAFKA_V_VALUE(BytesOf(record.value), SizeOf(record.value)),
                        RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_TIMESTAMP(timestamp),
                        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  // Only a call that succeeds takes the headers.
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(headers.release());
  return failed;
}

rd_kafka_resp_err_t SendRecord(rd_kafka_t* producer, const std::string& topic,
                               const OutboundRecord& record, Headers headers) {
  const Topic handle(rd_kafka_topic_new(producer, topic.c_str(), nullptr));
  if (!handle) return rd_kafka_last_error();
  return SendRecord(producer, handle.get(), record, std::move(headers));
}

}  // namespace common::kafka
