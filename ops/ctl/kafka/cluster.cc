#include "ops/ctl/kafka/cluster.h"

#include <chrono>

#include "common/base/number.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::milliseconds;
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

Result<std::optional<milliseconds>> Cluster::TimeRetention(const std::string& topic) {
  const auto facts = Facts({topic});
  if (!facts) return facts.error();
  const auto& config = facts->topics.at(topic).config;
  const auto time = config.find("retention.ms");
  const auto bytes = config.find("retention.bytes");
  if (time == config.end() || bytes == config.end() || bytes->second != "-1") {
    return std::optional<milliseconds>();
  }
  const auto age = common::ParseNumber<std::int64_t>(time->second);
  return age ? std::optional(milliseconds(*age)) : std::nullopt;
}

Result<std::vector<kafka::TopicCreation>> Cluster::Create(
    const std::vector<common::TopicSpec>& specs) {
  auto created = kafka::CreateTopics(client_->get(), specs, AdminDeadline());
  if (!created) return client_->Explained(created.error());
  return created;
}

Result<void> Cluster::AddPartitions(const std::string& topic, int partitions) {
  const auto added = kafka::AddPartitions(client_->get(), topic, partitions, AdminDeadline());
  if (!added) return client_->Explained(added.error());
  return {};
}

}  // namespace ctl
