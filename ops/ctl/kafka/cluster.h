#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/kafka/topic_admin.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Asks a cluster about its topics and configuration.
class Cluster {
 public:
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<Cluster>> Open(const ClusterSettings& settings);

  [[nodiscard]] common::Result<common::kafka::ClusterFacts> Facts(
      const std::vector<std::string>& topics);
  /// The age at which the topic deletes a record; negative: never. None if size may delete it, too,
  /// or if the configuration is unknown.
  [[nodiscard]] common::Result<std::optional<std::chrono::milliseconds>> TimeRetention(
      const std::string& topic);
  [[nodiscard]] common::Result<std::vector<common::kafka::TopicCreation>> Create(
      const std::vector<common::TopicSpec>& specs);
  /// Afterwards the topic has `partitions`.
  [[nodiscard]] common::Result<void> AddPartitions(const std::string& topic, int partitions);

 private:
  explicit Cluster(std::unique_ptr<KafkaClient> client) : client_(std::move(client)) {}

  std::unique_ptr<KafkaClient> client_;
};

}  // namespace ctl
