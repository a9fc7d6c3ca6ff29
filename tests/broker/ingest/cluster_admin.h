#pragma once

#include <string>

#include "common/kafka/handles.h"

namespace tests {

/// Changes a cluster like an operator, while the programs run. Changes take effect when a call
/// returns or a moment later. Errors: thrown, with the broker's message.
class ClusterAdmin {
 public:
  explicit ClusterAdmin(const std::string& bootstrap);

  /// Grants everybody an operation on the topic, or revokes it again.
  void Allow(const std::string& topic, rd_kafka_AclOperation_t operation);
  void Revoke(const std::string& topic, rd_kafka_AclOperation_t operation);

  /// Sets one property of the topic and resets all others to their defaults.
  void SetOnlyProperty(const std::string& topic, const std::string& name, const std::string& value);

  /// Lists all topics: asking for one by name would create it on some brokers.
  [[nodiscard]] bool Exists(const std::string& topic) const;

 private:
  [[nodiscard]] common::kafka::Event Answer(rd_kafka_queue_t* queue, const std::string& what) const;

  common::kafka::Handle client_;
};

}  // namespace tests
