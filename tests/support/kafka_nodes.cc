#include "tests/support/kafka_nodes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tests/support/kafka_calls.h"

namespace tests {
namespace {

using common::kafka::Event;
using common::kafka::Metadata;
using common::kafka::Owned;
using common::kafka::Queue;

constexpr int kCallMs = 5000;

/// nullptr without an answer. Asks for all topics, because asking for one by name may create it.
Metadata AskForAll(rd_kafka_t* handle) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(handle, 1, nullptr, &answer, kCallMs);
  return Metadata(error == RD_KAFKA_RESP_ERR_NO_ERROR ? answer : nullptr);
}

/// Empty without an answer.
std::vector<std::int32_t> Nodes(rd_kafka_t* handle) {
  const Metadata metadata = AskForAll(handle);
  if (!metadata) return {};
  std::vector<std::int32_t> nodes;
  for (int i = 0; i < metadata->broker_cnt; ++i) nodes.push_back(metadata->brokers[i].id);
  return nodes;
}

/// Asks one node for the topic's properties and returns its error.
rd_kafka_resp_err_t AskNode(rd_kafka_t* handle, std::int32_t node, const std::string& topic) {
  std::array<char, 512> reason{};
  const Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kCallMs, reason.data(), reason.size());
  rd_kafka_AdminOptions_set_broker(options.get(), node, reason.data(), reason.size());
  const Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  std::array resources{resource.get()};
  const Queue queue(rd_kafka_queue_new(handle));
  rd_kafka_DescribeConfigs(handle, resources.data(), resources.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), 2 * kCallMs));
  if (!event) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (const auto error = rd_kafka_event_error(event.get())) return error;
  std::size_t count = 0;
  const auto* results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  return count == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN : rd_kafka_ConfigResource_error(results[0]);
}

bool AllNodesSay(rd_kafka_t* handle, const std::string& topic, rd_kafka_resp_err_t expected) {
  const auto nodes = Nodes(handle);
  return !nodes.empty() && std::ranges::all_of(nodes, [&](std::int32_t node) {
    return AskNode(handle, node, topic) == expected;
  });
}

}  // namespace

std::size_t CountNodes(rd_kafka_t* handle) { return Nodes(handle).size(); }

bool IsKnownToAllNodes(rd_kafka_t* handle, const std::string& topic) {
  return AllNodesSay(handle, topic, RD_KAFKA_RESP_ERR_NO_ERROR);
}

bool IsForgottenByAllNodes(rd_kafka_t* handle, const std::string& topic) {
  return AllNodesSay(handle, topic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

std::optional<std::int32_t> LeaderIn(const rd_kafka_metadata_t& metadata, const std::string& topic,
                                     std::int32_t partition) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic& known = metadata.topics[i];
    if (known.topic != topic) continue;
    for (int k = 0; k < known.partition_cnt; ++k) {
      if (known.partitions[k].id == partition) return known.partitions[k].leader;
    }
  }
  return std::nullopt;
}

std::optional<std::int32_t> LeaderByAllNodes(rd_kafka_t* handle, const std::string& topic,
                                             std::int32_t partition) {
  const Metadata cluster = AskForAll(handle);
  if (!cluster) return std::nullopt;
  std::optional<std::int32_t> common;
  for (int i = 0; i < cluster->broker_cnt; ++i) {
    const rd_kafka_metadata_broker& node = cluster->brokers[i];
    // A new client is connected only to the node that it was given.
    const auto visitor =
        MakeHandle(RD_KAFKA_PRODUCER, std::string(node.host) + ":" + std::to_string(node.port), {});
    const Metadata own = AskForAll(visitor.get());
    const auto leader = own ? LeaderIn(*own, topic, partition) : std::nullopt;
    if (!leader || (common && *common != *leader)) return std::nullopt;
    common = leader;
  }
  return common;
}

}  // namespace tests
