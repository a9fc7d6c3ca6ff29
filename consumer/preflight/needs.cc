#include "consumer/preflight/needs.h"

#include <algorithm>
#include <string>

#include "common/kafka/unended_transaction.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/topic_needs.h"

namespace consumer {

using common::preflight::KafkaNeeds;
using common::preflight::Right;

KafkaNeeds NeedsOf(const Config& config) {
  using Operation = Right::Operation;
  using Resource = Right::Resource;
  KafkaNeeds needs{.properties = config.kafka,
                   .topics = config.topics,
                   .scope = TopicScopeOf(config),
                   .of_topics = TopicNeedsOf(config),
                   .group = config.group};
  const auto need = [&](Resource resource, const std::string& name, Operation operation,
                        const std::string& otherwise = "") {
    needs.rights.push_back({.right = {resource, name, operation}, .otherwise = otherwise});
  };
  const common::TopicNames& topics = config.topics;
  const std::string repair = "transactions that Kafka has forgotten are not ended";
  need(Resource::kTopic, topics.callbacks, Operation::kRead);
  need(Resource::kTopic, topics.seen, Operation::kRead);
  if (config.expected) need(Resource::kTopic, topics.expected, Operation::kRead);
  for (const std::string& topic : {topics.seen, topics.processes, topics.dead}) {
    need(Resource::kTopic, topic, Operation::kWrite);
  }
  for (const std::string& topic : {topics.processes, topics.dead}) {
    need(Resource::kTopic, topic, Operation::kRead, repair);
  }
  need(Resource::kGroup, config.group, Operation::kRead);
  for (int lane = 0; lane < config.lanes; ++lane) {
    const ClientSettings settings{.properties = {},
                                  .topics = {},
                                  .group = config.group,
                                  .instance = config.instance + "-" + std::to_string(lane)};
    need(Resource::kTransactionalId, settings.transactional_id(), Operation::kWrite);
    // A forgotten transaction that was committed is copied under a name of its own.
    const std::string copier = common::kafka::RepairName(settings.transactional_id());
    need(Resource::kTransactionalId, copier, Operation::kWrite, repair);
    need(Resource::kGroup, copier, Operation::kRead, repair);
  }
  return needs;
}

std::uint64_t DescriptorsNeeded(const Config& config, int brokers) {
  constexpr std::uint64_t kOwn = 64;
  // Per lane: two readers in the restorer and two in the gate, the source, and the producer; and
  // two readers of announcements.
  const std::uint64_t clients = config.expected ? 8 : 6;
  // Per broker: a connection, and a pipe that wakes its thread.
  constexpr std::uint64_t kOfBroker = 3;
  constexpr int kUsualBrokers = 3;
  // librdkafka counts the bootstrap address and the coordinator as brokers of their own.
  const auto of_client =
      static_cast<std::uint64_t>(std::max(brokers, kUsualBrokers) + 2) * kOfBroker;
  std::uint64_t requests = static_cast<std::uint64_t>(config.fetch.max_in_flight);
  for (AccountIndex account = 1; account < config.accounts.size(); ++account) {
    requests += static_cast<std::uint64_t>(SettingsOf(config, account).max_in_flight);
  }
  return kOwn + of_client * clients * static_cast<std::uint64_t>(config.lanes) + requests;
}

}  // namespace consumer
