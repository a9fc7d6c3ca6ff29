#include <array>
#include <memory>
#include <stdexcept>

#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_client.h"
#include "tests/support/kafka_nodes.h"
#include "tests/support/wait_until.h"

namespace tests {

using common::kafka::Event;
using common::kafka::Owned;
using common::kafka::Queue;

namespace {

void CheckTopics(const rd_kafka_topic_result_t* const* results, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Check(rd_kafka_topic_result_error(results[i]), rd_kafka_topic_result_name(results[i]));
  }
}

std::map<std::string, std::string> Configs(const rd_kafka_ConfigResource_t* resource) {
  std::map<std::string, std::string> configs;
  std::size_t count = 0;
  const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    configs[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return configs;
}

}  // namespace

Event KafkaClient::AdminResult(rd_kafka_queue_t* queue, std::string_view what) const {
  Event event(rd_kafka_queue_poll(queue, kLimitMs));
  if (!event) throw std::runtime_error(std::string(what) + ": no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string(what) + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

std::string KafkaClient::CreateUniqueTopic(std::string_view prefix, const TopicSpec& spec) {
  auto name = UniqueName(prefix);
  CreateTopic(name, spec);
  return name;
}

void KafkaClient::CreateTopic(const std::string& name, const TopicSpec& spec) {
  std::array<char, 512> reason{};
  // With an assignment, the replication must not be given.
  const int replication = spec.nodes.empty() ? spec.replication : -1;
  Owned<rd_kafka_NewTopic_t> topic(rd_kafka_NewTopic_new(name.c_str(), spec.partitions, replication,
                                                         reason.data(), reason.size()));
  if (!topic) throw std::runtime_error(name + ": " + reason.data());
  for (const auto& [key, value] : spec.configs) {
    Check(rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str()), key);
  }
  for (std::size_t partition = 0; partition < spec.nodes.size(); ++partition) {
    auto nodes = spec.nodes[partition];
    Check(rd_kafka_NewTopic_set_replica_assignment(topic.get(), static_cast<int>(partition),
                                                   nodes.data(), nodes.size(), reason.data(),
                                                   reason.size()),
          name + ": " + reason.data());
  }
  const Queue queue(rd_kafka_queue_new(producer_.get()));
  std::array topics{topic.get()};
  rd_kafka_CreateTopics(producer_.get(), topics.data(), topics.size(), nullptr, queue.get());
  const auto event = AdminResult(queue.get(), "create " + name);
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  CheckTopics(results, count);
  // The controller creates the topic, but a client can use it only once its leaders are known to
  // the node that it asks. Any node may be asked next.
  const auto is_usable = [&] {
    const auto shape = Shape(producer_.get(), name);
    return shape && shape->led_partitions == spec.partitions &&
           IsKnownToAllNodes(producer_.get(), name);
  };
  if (!WaitUntil(is_usable, kLimit)) throw std::runtime_error(name + " is not known to all nodes");
}

void KafkaClient::DeleteTopic(const std::string& name) {
  const std::unique_ptr<rd_kafka_DeleteTopic_t, decltype(&rd_kafka_DeleteTopic_destroy)> topic(
      rd_kafka_DeleteTopic_new(name.c_str()), rd_kafka_DeleteTopic_destroy);
  const Queue queue(rd_kafka_queue_new(producer_.get()));
  std::array topics{topic.get()};
  rd_kafka_DeleteTopics(producer_.get(), topics.data(), topics.size(), nullptr, queue.get());
  const auto event = AdminResult(queue.get(), "delete " + name);
  std::size_t count = 0;
  const auto* results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  CheckTopics(results, count);
  // A producer that knows the topic would keep asking for it, which may create it again.
  const auto stranger = MakeConsumer(Isolation::kReadCommitted, "");
  const auto is_gone = [&] { return IsForgottenByAllNodes(stranger.get(), name); };
  if (!WaitUntil(is_gone, kLimit)) throw std::runtime_error(name + " is still known to a node");
}

void KafkaClient::RecreateTopic(const std::string& name, const TopicSpec& spec) {
  DeleteTopic(name);
  // Until this client has seen it, too. If librdkafka 2.4 to 2.8 sees the new topic in place of the
  // old one, it corrupts its memory (its issues 4778 and 4964).
  const auto is_gone = [&] { return !Shape(producer_.get(), name).has_value(); };
  if (!WaitUntil(is_gone, kLimit)) throw std::runtime_error(name + " is still there");
  CreateTopic(name, spec);
}

void KafkaClient::AddPartitions(const std::string& topic, int total) {
  std::array<char, 512> reason{};
  const std::unique_ptr<rd_kafka_NewPartitions_t, decltype(&rd_kafka_NewPartitions_destroy)> wanted(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(total), reason.data(),
                                 reason.size()),
      rd_kafka_NewPartitions_destroy);
  if (!wanted) throw std::runtime_error(topic + ": " + reason.data());
  const Queue queue(rd_kafka_queue_new(producer_.get()));
  std::array all{wanted.get()};
  rd_kafka_CreatePartitions(producer_.get(), all.data(), all.size(), nullptr, queue.get());
  const auto event = AdminResult(queue.get(), "add partitions to " + topic);
  std::size_t count = 0;
  const auto* results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event.get()), &count);
  CheckTopics(results, count);
  for (int partition = 0; partition < total; ++partition) (void)AwaitLeader(topic, partition);
}

void KafkaClient::DeleteRecords(const std::string& topic, std::int32_t partition,
                                std::int64_t begin) {
  const common::kafka::PartitionList before(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(before.get(), topic.c_str(), partition)->offset = begin;
  const std::unique_ptr<rd_kafka_DeleteRecords_t, decltype(&rd_kafka_DeleteRecords_destroy)> wanted(
      rd_kafka_DeleteRecords_new(before.get()), rd_kafka_DeleteRecords_destroy);
  const Queue queue(rd_kafka_queue_new(producer_.get()));
  std::array all{wanted.get()};
  rd_kafka_DeleteRecords(producer_.get(), all.data(), all.size(), nullptr, queue.get());
  const auto event = AdminResult(queue.get(), "delete records of " + topic);
  const auto* results =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  Check(results->elems[0].err, "delete records of " + topic);
}

std::optional<TopicSpec> KafkaClient::DescribeTopic(const std::string& name) {
  const auto shape = Shape(producer_.get(), name);
  if (!shape) return std::nullopt;
  Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  const Queue queue(rd_kafka_queue_new(producer_.get()));
  std::array resources{resource.get()};
  rd_kafka_DescribeConfigs(producer_.get(), resources.data(), resources.size(), nullptr,
                           queue.get());
  const auto event = AdminResult(queue.get(), "describe " + name);
  std::size_t count = 0;
  const auto* results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  Check(rd_kafka_ConfigResource_error(results[0]), "describe " + name);
  return TopicSpec{shape->partitions, shape->replication, Configs(results[0])};
}

}  // namespace tests
