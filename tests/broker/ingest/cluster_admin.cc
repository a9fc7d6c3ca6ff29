#include "tests/broker/ingest/cluster_admin.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <stdexcept>

#include "tests/support/kafka_calls.h"

namespace tests {
namespace {

using common::kafka::Event;
using common::kafka::Owned;
using common::kafka::Queue;
using Acl = std::unique_ptr<rd_kafka_AclBinding_t, decltype(&rd_kafka_AclBinding_destroy)>;
using ErrorText = std::array<char, 512>;

constexpr const char* kEverybody = "User:*";
constexpr const char* kEverywhere = "*";

Acl Made(rd_kafka_AclBinding_t* acl, const ErrorText& error) {
  if (acl == nullptr) throw std::runtime_error(std::string("ACL: ") + error.data());
  return {acl, rd_kafka_AclBinding_destroy};
}

void CheckError(const rd_kafka_error_t* error, const std::string& what) {
  if (error != nullptr) Check(rd_kafka_error_code(error), what);
}

}  // namespace

ClusterAdmin::ClusterAdmin(const std::string& bootstrap)
    : client_(MakeHandle(RD_KAFKA_PRODUCER, bootstrap, {})) {}

void ClusterAdmin::Allow(const std::string& topic, rd_kafka_AclOperation_t operation) {
  ErrorText error{};
  const Acl acl = Made(
      rd_kafka_AclBinding_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str(),
                              RD_KAFKA_RESOURCE_PATTERN_LITERAL, kEverybody, kEverywhere, operation,
                              RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error.data(), error.size()),
      error);
  const Queue queue(rd_kafka_queue_new(client_.get()));
  std::array acls{acl.get()};
  rd_kafka_CreateAcls(client_.get(), acls.data(), acls.size(), nullptr, queue.get());
  const Event event = Answer(queue.get(), "CreateAcls");
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    CheckError(rd_kafka_acl_result_error(results[i]), "CreateAcls");
  }
}

void ClusterAdmin::Revoke(const std::string& topic, rd_kafka_AclOperation_t operation) {
  ErrorText error{};
  const Acl filter = Made(
      rd_kafka_AclBindingFilter_new(
          RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, kEverybody,
          kEverywhere, operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error.data(), error.size()),
      error);
  const Queue queue(rd_kafka_queue_new(client_.get()));
  std::array filters{filter.get()};
  rd_kafka_DeleteAcls(client_.get(), filters.data(), filters.size(), nullptr, queue.get());
  const Event event = Answer(queue.get(), "DeleteAcls");
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    CheckError(rd_kafka_DeleteAcls_result_response_error(results[i]), "DeleteAcls");
  }
}

void ClusterAdmin::SetOnlyProperty(const std::string& topic, const std::string& name,
                                   const std::string& value) {
  const Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  const Queue queue(rd_kafka_queue_new(client_.get()));
  std::array resources{resource.get()};
  rd_kafka_AlterConfigs(client_.get(), resources.data(), resources.size(), nullptr, queue.get());
  const Event event = Answer(queue.get(), "AlterConfigs");
  std::size_t count = 0;
  const auto* const results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    Check(rd_kafka_ConfigResource_error(results[i]), "AlterConfigs");
  }
}

bool ClusterAdmin::Exists(const std::string& topic) const {
  const rd_kafka_metadata_t* answer = nullptr;
  Persist("metadata", [&](int limit_ms) {
    return rd_kafka_metadata(client_.get(), 1, nullptr, &answer, limit_ms);
  });
  const common::kafka::Metadata metadata(answer);
  const std::span topics(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt));
  return std::ranges::any_of(topics, [&](const auto& found) { return found.topic == topic; });
}

Event ClusterAdmin::Answer(rd_kafka_queue_t* queue, const std::string& what) const {
  Event event(rd_kafka_queue_poll(queue, kLimitMs));
  if (!event) throw std::runtime_error(what + ": no answer");
  Check(rd_kafka_event_error(event.get()), what);
  return event;
}

}  // namespace tests
