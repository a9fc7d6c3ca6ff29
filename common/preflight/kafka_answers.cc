#include "common/preflight/kafka_answers.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace common::preflight {
namespace {

const rd_kafka_ConfigEntry_t* FindEntry(const rd_kafka_ConfigResource_t& broker,
                                        std::string_view name) {
  std::size_t count = 0;
  const auto* const entries = rd_kafka_ConfigResource_configs(&broker, &count);
  for (const auto* entry : std::span(entries, count)) {
    if (rd_kafka_ConfigEntry_name(entry) == name) return entry;
  }
  return nullptr;
}

}  // namespace

using Operation = Right::Operation;

std::set<Operation> GrantedBy(rd_kafka_AclOperation_t operation) {
  switch (operation) {
    case RD_KAFKA_ACL_OPERATION_ALL:
      return {Operation::kRead, Operation::kWrite, Operation::kDescribe};
    case RD_KAFKA_ACL_OPERATION_READ:
      return {Operation::kRead, Operation::kDescribe};
    case RD_KAFKA_ACL_OPERATION_WRITE:
      return {Operation::kWrite, Operation::kDescribe};
    case RD_KAFKA_ACL_OPERATION_DESCRIBE:
    case RD_KAFKA_ACL_OPERATION_DELETE:
    case RD_KAFKA_ACL_OPERATION_ALTER:
      return {Operation::kDescribe};
    default:
      return {};
  }
}

std::set<Operation> DeniedBy(rd_kafka_AclOperation_t operation) {
  switch (operation) {
    case RD_KAFKA_ACL_OPERATION_ALL:
      return {Operation::kRead, Operation::kWrite, Operation::kDescribe};
    case RD_KAFKA_ACL_OPERATION_READ:
      return {Operation::kRead};
    case RD_KAFKA_ACL_OPERATION_WRITE:
      return {Operation::kWrite};
    case RD_KAFKA_ACL_OPERATION_DESCRIBE:
      return {Operation::kDescribe};
    default:
      return {};
  }
}

kafka::TopicFacts::Access AccessBy(const kafka::TopicLayout& layout) {
  const bool is_missing =
      layout.is_answered && layout.error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  return is_missing ? kafka::TopicFacts::Access::kMissing : kafka::TopicFacts::Access::kDenied;
}

std::optional<RightsSight::Authorizer> AuthorizerIn(const rd_kafka_ConfigResource_t& broker) {
  using Authorizer = RightsSight::Authorizer;
  if (rd_kafka_ConfigResource_error(&broker) == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
    return Authorizer::kPresent;
  }
  const auto* const entry = FindEntry(broker, "authorizer.class.name");
  if (entry == nullptr) return std::nullopt;
  const char* const value = rd_kafka_ConfigEntry_value(entry);
  return value == nullptr || *value == '\0' ? Authorizer::kNone : Authorizer::kPresent;
}

bool MayAllowUnnamed(const rd_kafka_ConfigResource_t& broker) {
  if (rd_kafka_ConfigResource_error(&broker) != RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  const auto* const entry = FindEntry(broker, "allow.everyone.if.no.acl.found");
  if (entry == nullptr) return false;  // Kafka's default.
  const char* const value = rd_kafka_ConfigEntry_value(entry);
  return value == nullptr ||
         std::string_view(value) != "false";  // Kafka hides values that it does not know.
}

}  // namespace common::preflight
