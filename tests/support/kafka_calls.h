#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/handles.h"
#include "tests/support/kafka_client.h"

// The pieces that KafkaClient is made of: librdkafka calls that throw instead of returning.
namespace tests {

inline constexpr int kLimitMs = std::chrono::milliseconds(KafkaClient::kLimit).count();

/// Throws "what: reason" unless the error is none.
void Check(rd_kafka_resp_err_t error, const std::string& what);

/// Asks until it is answered: brokers that are elected, restarted or just told of a topic refuse
/// for a moment, in many ways. The call is given its time limit in milliseconds.
void Persist(const std::string& what, const std::function<rd_kafka_resp_err_t(int)>& call);

using Properties = std::vector<std::pair<std::string, std::string>>;

/// Quiet, and quick to reconnect.
[[nodiscard]] common::kafka::Handle MakeHandle(rd_kafka_type_t type, const std::string& bootstrap,
                                               const Properties& properties);

struct TopicShape {
  int partitions = 0;
  int led_partitions = 0;  ///< Those that have a leader.
  int replication = 0;
};

/// nullopt: there is no such topic.
[[nodiscard]] std::optional<TopicShape> Shape(rd_kafka_t* handle, const std::string& topic);

/// Hands one record over; its delivery report carries `index`.
[[nodiscard]] rd_kafka_resp_err_t ProduceOne(rd_kafka_t* producer, const std::string& topic,
                                             const Record& record, std::size_t index);

[[nodiscard]] Record ToRecord(rd_kafka_message_t* message);

/// First and one past last offset, as the isolation level of the handle sees them.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> Watermarks(rd_kafka_t* consumer,
                                                               const std::string& topic,
                                                               std::int32_t partition);

}  // namespace tests
