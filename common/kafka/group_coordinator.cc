#include "common/kafka/group_coordinator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>

#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/handles.h"
#include "common/kafka/topic_admin.h"

namespace common::kafka {
namespace {

GroupMember MemberOf(const rd_kafka_MemberDescription_t& description, const std::string& topic) {
  GroupMember member;
  member.id = rd_kafka_MemberDescription_consumer_id(&description);
  const char* const name = rd_kafka_MemberDescription_group_instance_id(&description);
  member.name = name != nullptr && *name != '\0' ? name : member.id;
  if (const char* const host = rd_kafka_MemberDescription_host(&description)) {
    member.host = *host == '/' ? host + 1 : host;
  }
  const rd_kafka_topic_partition_list_t* const list =
      rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(&description));
  if (list == nullptr) return member;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (entry.topic == topic) {
      member.partitions.emplace_back(entry.partition);
    } else {
      ++member.others;
    }
  }
  std::sort(member.partitions.begin(), member.partitions.end());
  return member;
}

struct Described {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  GroupFacts facts = {};
};

constexpr std::chrono::milliseconds kFirstPause(100);  ///< Between rounds; doubles.

Described FactsIn(const rd_kafka_ConsumerGroupDescription_t& description,
                  const std::string& topic) {
  const rd_kafka_error_t* const error = rd_kafka_ConsumerGroupDescription_error(&description);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {rd_kafka_error_code(error)};
  }
  GroupFacts facts;
  facts.state =
      rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(&description));
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(&description); ++i) {
    facts.members.push_back(
        MemberOf(*rd_kafka_ConsumerGroupDescription_member(&description, i), topic));
  }
  std::ranges::sort(facts.members, {}, &GroupMember::name);
#if RD_KAFKA_VERSION >= 0x020300ff
  std::size_t count = 0;
  const rd_kafka_AclOperation_t* const allowed =
      rd_kafka_ConsumerGroupDescription_authorized_operations(&description, &count);
  if (allowed != nullptr) facts.allowed.emplace(allowed, allowed + count);
#endif
  return {.facts = std::move(facts)};
}

/// Asks this broker, whether it coordinates the group or not.
Described AskBroker(rd_kafka_t* client, std::int32_t broker, const std::string& group,
                    const std::string& topic, int limit_ms) {
  const Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  std::array<char, 512> refused{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), limit_ms, refused.data(),
                                            refused.size());
  rd_kafka_AdminOptions_set_broker(options.get(), broker, refused.data(), refused.size());
#if RD_KAFKA_VERSION >= 0x020300ff
  const ErrorHandle ignored(
      rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
#endif
  const Queue queue(rd_kafka_queue_new(client));
  std::array<const char*, 1> groups = {group.c_str()};
  rd_kafka_DescribeConsumerGroups(client, groups.data(), groups.size(), options.get(), queue.get());
  // librdkafka delivers a timeout slightly after the request's deadline.
  const Event event(rd_kafka_queue_poll(queue.get(), limit_ms + 500));
  if (!event) return {RD_KAFKA_RESP_ERR__TIMED_OUT};
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {error};
  }
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  return count == 1 ? FactsIn(*found[0], topic) : Described{RD_KAFKA_RESP_ERR__BAD_MSG};
}

/// Half of the time for the broker that was the coordinator, equal parts for the others: one that
/// does not answer must not use up the time of the rest.
int ShareOf(Deadline deadline, bool was_coordinator, std::size_t left) {
  return std::max(1, CallLimit(deadline) / (was_coordinator ? 2 : static_cast<int>(left)));
}

bool IsNotTheCoordinator(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || IsNoAnswer(error);
}

}  // namespace

Result<std::vector<std::int32_t>> GroupCoordinator::Candidates(Deadline deadline) const {
  const rd_kafka_metadata_t* found = nullptr;
  const auto failed = rd_kafka_metadata(client_, 0, nullptr, &found, CallLimit(deadline));
  const Metadata metadata(found);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed(failed);
  std::vector<std::int32_t> brokers;
  for (const auto& broker :
       std::span(metadata->brokers, static_cast<std::size_t>(metadata->broker_cnt))) {
    brokers.push_back(broker.id);
  }
  std::stable_partition(brokers.begin(), brokers.end(),
                        [&](std::int32_t id) { return id == last_; });
  return brokers;
}

Result<GroupFacts> GroupCoordinator::Describe(const std::string& topic, Deadline deadline) {
  rd_kafka_resp_err_t last_error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (auto pause = kFirstPause;; pause *= 2) {
    const Result<std::vector<std::int32_t>> brokers = Candidates(deadline);
    if (!brokers) return brokers.error();
    for (std::size_t i = 0; i < brokers->size() && !deadline.HasPassed(); ++i) {
      const std::int32_t broker = (*brokers)[i];
      const int share = ShareOf(deadline, broker == last_, brokers->size() - i);
      Described described = AskBroker(client_, broker, group_, topic, share);
      if (described.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        last_ = broker;
        return std::move(described.facts);
      }
      if (!IsNotTheCoordinator(described.error)) return Failed(described.error);
      last_error = described.error;
    }
    if (deadline.HasPassed()) return Failed(last_error);
    std::this_thread::sleep_for(std::min(pause, deadline.Remaining()));
  }
}

Error GroupCoordinator::Failed(rd_kafka_resp_err_t failed) const {
  const std::string detail = "the group " + group_ + ": " + rd_kafka_err2str(failed);
  if (IsNotTheCoordinator(failed)) return {Remedy::kRetry, kNoBroker, detail};
  if (failed == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
    return {Remedy::kStop, code::kDenied, detail};
  }
  return {Remedy::kStop, code::kUnexpected, detail};
}

}  // namespace common::kafka
