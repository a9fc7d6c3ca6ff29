#include "common/preflight/kafka_answers.h"

namespace common::preflight {

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

}  // namespace common::preflight
