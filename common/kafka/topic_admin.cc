#include "common/kafka/topic_admin.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "common/kafka/admin_request.h"
#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/handles.h"

namespace common::kafka {
namespace {

using ErrorText = std::array<char, 512>;

Error Failed(rd_kafka_resp_err_t error_code, std::string_view call, const char* words) {
  const std::string detail = std::string(call) + ": " + words;
  if (IsNoAnswer(error_code)) return {Remedy::kRetry, kNoBroker, detail};
  return {Remedy::kStop, code::kUnexpected, detail};
}

/// Requests the whole cluster's metadata: a request for one topic could create it.
Result<Metadata> FetchMetadata(rd_kafka_t* client, Deadline deadline) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error_code =
      rd_kafka_metadata(client, 1, nullptr, &metadata, CallLimit(deadline));
  if (error_code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed(error_code, "metadata", rd_kafka_err2str(error_code));
  }
  return Metadata(metadata);
}

void AddTopic(const rd_kafka_metadata_topic_t& topic, ClusterFacts& facts) {
  const auto wanted = facts.topics.find(topic.topic);
  if (wanted == facts.topics.end()) return;
  TopicFacts& found = wanted->second;
  if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    found.access = TopicFacts::Access::kDenied;
  } else if (topic.partition_cnt > 0) {
    found.access = TopicFacts::Access::kAllowed;
    found.partitions = topic.partition_cnt;
    found.replication = std::numeric_limits<int>::max();
    found.in_sync = std::numeric_limits<int>::max();
    for (const auto& partition : std::span(topic.partitions, found.partitions)) {
      found.replication = std::min(found.replication, partition.replica_cnt);
      found.in_sync = std::min(found.in_sync, partition.isr_cnt);
      if (partition.leader < 0) ++found.leaderless;
    }
  }
}

Result<Event> Request(rd_kafka_t* client, rd_kafka_admin_op_t operation, std::string_view call,
                      Deadline deadline, const SendAdminRequest& send) {
  AdminAnswer answer = RequestOfAdmin(client, operation, deadline, send);
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed(answer.error, call, answer.words.c_str());
  }
  return std::move(answer.event);
}

void AddConfig(const rd_kafka_ConfigResource_t& resource, ClusterFacts& facts) {
  TopicFacts& topic = facts.topics[rd_kafka_ConfigResource_name(&resource)];
  const rd_kafka_resp_err_t error_code = rd_kafka_ConfigResource_error(&resource);
  // The metadata omits a topic that we may not describe, as if it did not exist.
  if (error_code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED &&
      topic.access == TopicFacts::Access::kMissing) {
    topic.access = TopicFacts::Access::kDenied;
  }
  topic.is_config_denied = error_code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  if (error_code != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::size_t count = 0;
  const auto* const entries = rd_kafka_ConfigResource_configs(&resource, &count);
  for (const auto* entry : std::span(entries, count)) {
    const char* const value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr) topic.config[rd_kafka_ConfigEntry_name(entry)] = value;
  }
}

Result<void> AddConfigs(rd_kafka_t* client, ClusterFacts& facts, Deadline deadline) {
  std::vector<Owned<rd_kafka_ConfigResource_t>> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const auto& [name, topic] : facts.topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    pointers.push_back(resources.back().get());
  }
  const Result<Event> event =
      Request(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "DescribeConfigs", deadline,
              [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                rd_kafka_DescribeConfigs(client, pointers.data(), pointers.size(), options, queue);
              });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (const auto* resource : std::span(described, count)) AddConfig(*resource, facts);
  return {};
}

Result<Owned<rd_kafka_NewTopic_t>> NewTopic(const TopicSpec& spec) {
  ErrorText error{};
  Owned<rd_kafka_NewTopic_t> topic(rd_kafka_NewTopic_new(
      spec.name.c_str(), spec.partitions, spec.replication, error.data(), error.size()));
  if (!topic) return Error{Remedy::kStop, code::kUnexpected, error.data()};
  for (const auto& [name, value] : spec.config) {
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  }
  return topic;
}

TopicCreation OutcomeOf(const rd_kafka_topic_result_t& result) {
  TopicCreation creation;
  creation.topic = rd_kafka_topic_result_name(&result);
  const rd_kafka_resp_err_t error_code = rd_kafka_topic_result_error(&result);
  if (error_code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    creation.outcome = TopicCreation::CreationStatus::kCreated;
  } else if (error_code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    creation.outcome = TopicCreation::CreationStatus::kExisted;
  } else {
    const char* const words = rd_kafka_topic_result_error_string(&result);
    creation.error = words != nullptr ? words : rd_kafka_err2str(error_code);
  }
  return creation;
}

}  // namespace

Result<ClusterFacts> FetchClusterFacts(rd_kafka_t* client, const std::vector<std::string>& topics,
                                       Deadline deadline) {
  const Result<Metadata> metadata = FetchMetadata(client, deadline);
  if (!metadata) return metadata.error();
  ClusterFacts facts;
  facts.brokers = metadata.value()->broker_cnt;
  for (const auto& broker :
       std::span(metadata.value()->brokers, static_cast<std::size_t>(facts.brokers))) {
    facts.addresses[broker.id] = std::string(broker.host) + ":" + std::to_string(broker.port);
  }
  for (const std::string& topic : topics) {
    facts.topics[topic].access = TopicFacts::Access::kMissing;
  }
  for (const auto& topic :
       std::span(metadata.value()->topics, static_cast<std::size_t>(metadata.value()->topic_cnt))) {
    AddTopic(topic, facts);
  }
  // If the controller refuses to describe configurations, they only stay unknown.
  const Result<void> configs = AddConfigs(client, facts, deadline);
  if (!configs && configs.error().code == kNoBroker) return configs.error();
  return facts;
}

Result<std::vector<TopicCreation>> CreateTopics(rd_kafka_t* client,
                                                const std::vector<TopicSpec>& specs,
                                                Deadline deadline) {
  // The admin client would wait for a controller until the request times out; this detects the
  // absence of all brokers first.
  if (const Result<Metadata> metadata = FetchMetadata(client, deadline); !metadata) {
    return metadata.error();
  }
  std::vector<Owned<rd_kafka_NewTopic_t>> topics;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const TopicSpec& spec : specs) {
    Result<Owned<rd_kafka_NewTopic_t>> topic = NewTopic(spec);
    if (!topic) return topic.error();
    topics.push_back(*std::move(topic));
    pointers.push_back(topics.back().get());
  }
  const Result<Event> event =
      Request(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, "CreateTopics", deadline,
              [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options, queue);
              });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  std::vector<TopicCreation> outcomes;
  for (const auto* result : std::span(results, count)) outcomes.push_back(OutcomeOf(*result));
  return outcomes;
}

Result<void> AddPartitions(rd_kafka_t* client, const std::string& topic, int partitions,
                           Deadline deadline) {
  // As in CreateTopics().
  if (const Result<Metadata> metadata = FetchMetadata(client, deadline); !metadata) {
    return metadata.error();
  }
  ErrorText error{};
  const std::unique_ptr<rd_kafka_NewPartitions_t, void (*)(rd_kafka_NewPartitions_t*)> more(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), error.data(),
                                 error.size()),
      &rd_kafka_NewPartitions_destroy);
  if (!more) return Error{Remedy::kStop, code::kUnexpected, error.data()};
  rd_kafka_NewPartitions_t* pointer = more.get();
  const Result<Event> event =
      Request(client, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "CreatePartitions", deadline,
              [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                rd_kafka_CreatePartitions(client, &pointer, 1, options, queue);
              });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event->get()), &count);
  for (const auto* result : std::span(results, count)) {
    const rd_kafka_resp_err_t failed = rd_kafka_topic_result_error(result);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* const words = rd_kafka_topic_result_error_string(result);
    return Failed(failed, "CreatePartitions", words != nullptr ? words : rd_kafka_err2str(failed));
  }
  return {};
}

}  // namespace common::kafka
