#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/handles.h"
#include "tests/support/kafka_client.h"

// The parts of KafkaClient: librdkafka calls that throw on errors.
namespace tests {

inline constexpr int kLimitMs = std::chrono::milliseconds(KafkaClient::kLimit).count();

/// Throws "what: reason" on an error.
void Check(rd_kafka_resp_err_t error, const std::string& what);

/// Repeats the call until it succeeds: brokers refuse for a moment, in many ways, during an
/// election, after a restart or before they know a topic. `call` gets its time limit in
/// milliseconds.
void Persist(const std::string& what, const std::function<rd_kafka_resp_err_t(int)>& call);

using Properties = std::vector<std::pair<std::string, std::string>>;

/// Logs nothing and reconnects quickly.
[[nodiscard]] common::kafka::Handle MakeHandle(rd_kafka_type_t type, const std::string& bootstrap,
                                               const Properties& properties);

struct TopicShape {
  int partitions = 0;
  int led_partitions = 0;  ///< Partitions with a leader.
  int replication = 0;
};

/// nullopt if the topic does not exist.
[[nodiscard]] std::optional<TopicShape> Shape(rd_kafka_t* handle, const std::string& topic);

/// Produces one record. Its delivery report carries `index`.
[[nodiscard]] rd_kafka_resp_err_t ProduceOne(rd_kafka_t* producer, const std::string& topic,
                                             const Record& record, std::size_t index);

[[nodiscard]] Record ToRecord(rd_kafka_message_t* message);

/// The first offset and one past the last, as the handle's isolation level sees them.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> Watermarks(rd_kafka_t* consumer,
                                                               const std::string& topic,
                                                               std::int32_t partition);

}  // namespace tests
