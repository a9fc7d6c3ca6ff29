#include "tests/support/kafka_calls.h"

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "common/kafka/record_sender.h"
#include "tests/support/wait_until.h"

namespace tests {

using common::kafka::Conf;
using common::kafka::Handle;

void Check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

Handle MakeHandle(rd_kafka_type_t type, const std::string& bootstrap,
                  const Properties& properties) {
  std::array<char, 512> reason{};
  Conf conf(rd_kafka_conf_new());
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      throw std::runtime_error(name + ": " + reason.data());
    }
  };
  set("bootstrap.servers", bootstrap);
  set("reconnect.backoff.max.ms", "500");
  set("log_level", "0");
  for (const auto& [name, value] : properties) set(name, value);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR);
  Handle handle(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!handle) throw std::runtime_error(std::string("no Kafka handle: ") + reason.data());
  (void)conf.release();  // rd_kafka_new() owns it now.
  return handle;
}

std::optional<TopicShape> Shape(rd_kafka_t* handle, const std::string& topic) {
  const common::kafka::Topic local(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* answer = nullptr;
  Persist("metadata of " + topic, [&](int limit_ms) {
    return rd_kafka_metadata(handle, 0, local.get(), &answer, limit_ms);
  });
  const common::kafka::Metadata metadata(answer);
  const auto& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) Check(found.err, topic);
  TopicShape shape;
  shape.partitions = found.partition_cnt;
  for (int i = 0; i < found.partition_cnt; ++i) {
    shape.led_partitions += found.partitions[i].leader >= 0 ? 1 : 0;
    shape.replication = found.partitions[i].replica_cnt;
  }
  return shape;
}

rd_kafka_resp_err_t ProduceOne(rd_kafka_t* producer, const std::string& topic, const Record& record,
                               std::size_t index) {
  common::kafka::Headers headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  std::optional<common::WallTime> timestamp;
  if (record.timestamp_ms != 0) {
    timestamp = common::WallTime(std::chrono::milliseconds(record.timestamp_ms));
  }
  std::optional<common::Partition> partition;
  if (record.partition != RD_KAFKA_PARTITION_UA) partition.emplace(record.partition);
  return common::kafka::SendRecord(producer, topic,
                                   {.key = record.key,
                                    .value = record.value,
                                    .partition = partition,
                                    .timestamp = timestamp,
                                    .opaque = index},
                                   std::move(headers));
}

Record ToRecord(rd_kafka_message_t* message) {
  const auto text = [](const void* bytes, std::size_t size) -> std::optional<std::string> {
    if (bytes == nullptr) return std::nullopt;
    return std::string(static_cast<const char*>(bytes), size);
  };
  Record record;
  record.key = text(message->key, message->key_len);
  record.value = text(message->payload, message->len);
  record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
  record.partition = message->partition;
  record.offset = message->offset;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.push_back({name, text(value, size).value_or("")});
    }
  }
  return record;
}

void Persist(const std::string& what, const std::function<rd_kafka_resp_err_t(int)>& call) {
  constexpr int kCallMs = 5000;
  auto error = RD_KAFKA_RESP_ERR_NO_ERROR;
  (void)WaitUntil(
      [&] {
        error = call(kCallMs);
        return error == RD_KAFKA_RESP_ERR_NO_ERROR;
      },
      KafkaClient::kLimit);
  Check(error, what);
}

std::pair<std::int64_t, std::int64_t> Watermarks(rd_kafka_t* consumer, const std::string& topic,
                                                 std::int32_t partition) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  Persist("watermarks of " + topic, [&](int limit_ms) {
    const auto error =
        rd_kafka_query_watermark_offsets(consumer, topic.c_str(), partition, &low, &high, limit_ms);
    // librdkafka 2.0.2 keeps asking the leader that it knows: it refreshes by itself only the
    // topics that the handle reads.
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(Shape(consumer, topic));
    return error;
  });
  return {low, high};
}

}  // namespace tests
