#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "common/kafka/client_config.h"

namespace common::kafka {

// The mock cluster cannot show the visibility of transactions (it ignores isolation.level), fencing
// by a second producer, offsets, CreateTopics and DescribeConfigs. The broker ring does.

/// librdkafka's mock brokers on the loopback interface, with their own client.
class MockCluster {
 public:
  static constexpr int kProduce = 0;  ///< Kafka's ApiKey.

  explicit MockCluster(int brokers = 1) : brokers_(brokers), owner_(MakeOwner()) {
    cluster_.reset(rd_kafka_mock_cluster_new(owner_.get(), brokers));
  }

  [[nodiscard]] std::string bootstrap() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }
  [[nodiscard]] Properties properties() const { return {{"bootstrap.servers", bootstrap()}}; }

  /// Each partition has a copy on every broker.
  void CreateTopic(const std::string& topic, int partitions) {
    rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), partitions, brokers_);
  }
  void SetDown() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_down(cluster_.get(), id);
  }
  void SetUp() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_up(cluster_.get(), id);
  }
  /// Delays every answer.
  void SetLatency(std::chrono::milliseconds latency) {
    for (int id = 1; id <= brokers_; ++id) {
      rd_kafka_mock_broker_set_rtt(cluster_.get(), id, static_cast<int>(latency.count()));
    }
  }
  /// Delays the answers to the next requests of that kind.
  void Delay(int api_key, int requests, std::chrono::milliseconds latency) {
    for (int i = 0; i < requests; ++i) {
      for (int id = 1; id <= brokers_; ++id) {
        rd_kafka_mock_broker_push_request_error_rtts(
            cluster_.get(), id, static_cast<std::int16_t>(api_key), 1, RD_KAFKA_RESP_ERR_NO_ERROR,
            static_cast<int>(latency.count()));
      }
    }
  }
  /// Fails the next requests of that kind, one after the other, in these ways.
  void Fail(int api_key, std::initializer_list<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), static_cast<std::int16_t>(api_key),
                                            errors.size(), errors.begin());
  }

  [[nodiscard]] rd_kafka_mock_cluster_t* get() const { return cluster_.get(); }

 private:
  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  static Handle MakeOwner() {
    const Properties quiet = {{"log_level", "2"}};  // It would warn that it has no broker.
    return *NewProducer(*BuildConf({&quiet}));
  }

  int brokers_;
  Handle owner_;
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
};

}  // namespace common::kafka
