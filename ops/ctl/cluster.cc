#include "ops/ctl/cluster.h"

#include <chrono>

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

Deadline AdminDeadline() { return Deadline::After(std::chrono::seconds(10)); }

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::Open(const ClusterSettings& settings) {
  Result<std::unique_ptr<KafkaClient>> client =
      KafkaClient::Open(RD_KAFKA_PRODUCER, settings.kafka);
  if (!client) return client.error();
  return std::unique_ptr<Cluster>(new Cluster(*std::move(client)));
}

Result<kafka::ClusterFacts> Cluster::Facts(const std::vector<std::string>& topics) {
  Result<kafka::ClusterFacts> facts =
      kafka::FetchClusterFacts(client_->get(), topics, AdminDeadline());
  if (!facts) return client_->Explained(facts.error());
  return facts;
}

Result<std::vector<kafka::TopicCreation>> Cluster::Create(
    const std::vector<common::TopicSpec>& specs) {
  auto created = kafka::CreateTopics(client_->get(), specs, AdminDeadline());
  if (!created) return client_->Explained(created.error());
  return created;
}

}  // namespace ctl
