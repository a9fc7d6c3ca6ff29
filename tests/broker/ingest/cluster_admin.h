#pragma once

#include <string>

#include "common/kafka/handles.h"

namespace ingest {

/// What an operator changes on a cluster while ingest runs. In force when a call returns, or a
/// moment later; failures are thrown with the broker's words.
class ClusterAdmin {
 public:
  explicit ClusterAdmin(const std::string& bootstrap);

  /// Gives everybody an operation on the topic, or takes it from everybody again.
  void Allow(const std::string& topic, rd_kafka_AclOperation_t operation);
  void Revoke(const std::string& topic, rd_kafka_AclOperation_t operation);

  /// The topic's only property; the others go back to their defaults.
  void SetOnlyProperty(const std::string& topic, const std::string& name, const std::string& value);

  /// Looks without asking for it by its name, which would create it on some brokers.
  [[nodiscard]] bool Exists(const std::string& topic) const;

 private:
  [[nodiscard]] common::kafka::Event Answer(rd_kafka_queue_t* queue, const std::string& what) const;

  common::kafka::Handle client_;
};

}  // namespace ingest
