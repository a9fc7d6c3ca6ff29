#include "common/kafka/group_facts.h"

#include <algorithm>
#include <array>
#include <span>

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
      member.partitions.push_back(entry.partition);
    } else {
      ++member.others;
    }
  }
  std::sort(member.partitions.begin(), member.partitions.end());
  return member;
}

Error Failed(rd_kafka_resp_err_t failed, const std::string& group) {
  const std::string detail = "the group " + group + ": " + rd_kafka_err2str(failed);
  if (MeansNobodyAnswered(failed)) return {Remedy::kRetry, kNoBroker, detail};
  return {Remedy::kStop, code::kUnexpected, detail};
}

}  // namespace

Result<GroupFacts> DescribeGroup(rd_kafka_t* client, const std::string& group,
                                 const std::string& topic, Deadline deadline) {
  const Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  std::array<char, 512> refused{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), CallLimit(deadline), refused.data(),
                                            refused.size());
  const Queue queue(rd_kafka_queue_new(client));
  std::array<const char*, 1> groups = {group.c_str()};
  rd_kafka_DescribeConsumerGroups(client, groups.data(), groups.size(), options.get(), queue.get());
  // librdkafka delivers a timeout slightly after the request's deadline.
  const Event event(rd_kafka_queue_poll(queue.get(), CallLimit(deadline) + 500));
  if (!event) return Failed(RD_KAFKA_RESP_ERR__TIMED_OUT, group);
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed(error, group);
  }
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  GroupFacts facts;
  for (const auto* description : std::span(found, count)) {
    const rd_kafka_error_t* const error = rd_kafka_ConsumerGroupDescription_error(description);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Failed(rd_kafka_error_code(error), group);
    }
    facts.state =
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(description));
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(description); ++i) {
      facts.members.push_back(
          MemberOf(*rd_kafka_ConsumerGroupDescription_member(description, i), topic));
    }
  }
  std::sort(facts.members.begin(), facts.members.end(),
            [](const GroupMember& a, const GroupMember& b) { return a.name < b.name; });
  return facts;
}

}  // namespace common::kafka
