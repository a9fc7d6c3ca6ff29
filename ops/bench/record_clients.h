#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "ops/bench/measuring.h"

namespace bench {

/// Produces as fast as librdkafka accepts records. A record that is not stored ends the program.
class RecordProducer {
 public:
  explicit RecordProducer(const std::string& bootstrap) {
    const common::kafka::Properties properties = {{"bootstrap.servers", bootstrap},
                                                  {"acks", "all"},
                                                  {"enable.idempotence", "true"},
                                                  {"linger.ms", "1"},
                                                  {"queue.buffering.max.messages", "200000"},
                                                  {"partitioner", "murmur2_random"}};
    auto conf = OrThrow(common::kafka::BuildConf({&properties}));
    rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
                                  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) std::terminate();
                                });
    client_ = OrThrow(common::kafka::NewProducer(std::move(conf)));
  }

  void Produce(const std::string& topic, std::string_view key, std::string_view value,
               const common::RecordHeaders& headers,
               std::optional<common::Partition> partition = {}) {
    while (true) {
      const rd_kafka_resp_err_t failed = common::kafka::SendRecord(
          client_.get(), topic, {.key = key, .value = value, .partition = partition},
          common::kafka::ToKafka(headers));
      if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_poll(client_.get(), 0);
        return;
      }
      if (failed != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        throw std::runtime_error(rd_kafka_err2str(failed));
      }
      rd_kafka_poll(client_.get(), 10);
    }
  }
  void Flush() {
    const auto failed = rd_kafka_flush(client_.get(), 60'000);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(failed));
  }
  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }

 private:
  common::kafka::Handle client_;
};

/// Reads all partitions of a topic, from their beginning or their end.
class RecordReader {
 public:
  RecordReader(const std::string& bootstrap, const std::string& topic, std::int64_t from,
               const common::kafka::Properties& more = {}) {
    const common::kafka::Properties properties = {
        {"bootstrap.servers", bootstrap},       {"group.id", "bench-records"},
        {"isolation.level", "read_committed"},  {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},  {"socket.nagle.disable", "true"},
        {"queued.max.messages.kbytes", "16384"}};
    auto conf = OrThrow(common::kafka::BuildConf({&properties, &more}));
    client_ = OrThrow(common::kafka::NewConsumer(std::move(conf)));
    rd_kafka_poll_set_consumer(client_.get());
    const common::kafka::Topic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    rd_kafka_metadata(client_.get(), 0, handle.get(), &found, 10'000);
    const common::kafka::Metadata metadata(found);
    if (!metadata || metadata->topic_cnt != 1) throw std::runtime_error("no metadata of " + topic);
    const int partitions = metadata->topics[0].partition_cnt;
    const common::kafka::PartitionList list(rd_kafka_topic_partition_list_new(partitions));
    for (const common::Partition partition : common::AllPartitions(partitions)) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.number())->offset =
          from;
    }
    rd_kafka_assign(client_.get(), list.get());
  }

  /// Null: no record within that time.
  [[nodiscard]] common::kafka::Message Next(std::chrono::milliseconds patience) {
    common::kafka::Message message(
        rd_kafka_consumer_poll(client_.get(), static_cast<int>(patience.count())));
    if (message && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) message.reset();
    return message;
  }
  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }

 private:
  common::kafka::Handle client_;
};

}  // namespace bench
