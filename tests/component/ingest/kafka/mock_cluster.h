#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"

namespace ingest {

/// librdkafka's mock cluster. It answers Produce and Metadata and injects errors; it knows no
/// DescribeConfigs, and what is *visible* in a topic only a real broker can show.
class MockCluster {
 public:
  static constexpr int kProduce = 0;  ///< Kafka's ApiKey.

  explicit MockCluster(int brokers = 1) : brokers_(brokers) {
    const common::kafka::Properties quiet = {{"log_level", "0"}};
    auto conf = common::kafka::BuildConf({&quiet});
    if (!conf) throw std::runtime_error(conf.error().detail);
    auto client = common::kafka::NewProducer(*std::move(conf));
    if (!client) throw std::runtime_error(client.error().detail);
    client_ = *std::move(client);
    cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), brokers));
    rd_kafka_mock_topic_create(cluster_.get(), "callbacks", 4, brokers);
  }

  [[nodiscard]] std::string bootstrap() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }

  void SetDown() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_down(cluster_.get(), id);
  }
  void SetUp() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_up(cluster_.get(), id);
  }
  /// Every answer is that late.
  void SetLatency(std::chrono::milliseconds latency) {
    for (int id = 1; id <= brokers_; ++id) {
      rd_kafka_mock_broker_set_rtt(cluster_.get(), id, static_cast<int>(latency.count()));
    }
  }
  /// The next Produce requests fail, one after the other, in these ways.
  void FailProduce(std::initializer_list<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), kProduce, errors.size(),
                                            errors.begin());
  }

 private:
  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  int brokers_;
  common::kafka::Handle client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
};

}  // namespace ingest
