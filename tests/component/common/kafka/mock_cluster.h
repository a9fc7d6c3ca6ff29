#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

#include "common/kafka/client_config.h"

namespace common::kafka {

// What the mock cluster cannot show: visibility of transactions (it ignores isolation.level),
// fencing by a second producer, offsets, CreateTopics and DescribeConfigs. The broker ring does.

/// librdkafka's mock brokers, on the loopback, with a client of their own.
class MockCluster {
 public:
  explicit MockCluster(int brokers) : owner_(MakeOwner()) {
    cluster_.reset(rd_kafka_mock_cluster_new(owner_.get(), brokers));
  }

  [[nodiscard]] Properties properties() const {
    return {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_.get())}};
  }
  [[nodiscard]] rd_kafka_mock_cluster_t* get() const { return cluster_.get(); }

 private:
  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  static Handle MakeOwner() {
    const Properties quiet = {{"log_level", "2"}};  // It would warn of having no broker.
    return *NewProducer(*BuildConf({&quiet}));
  }

  Handle owner_;
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
};

}  // namespace common::kafka
