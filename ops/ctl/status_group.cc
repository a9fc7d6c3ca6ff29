#include "ops/ctl/status_group.h"

#include <algorithm>
#include <array>
#include <span>
#include <thread>
#include <utility>

#include "common/kafka/call_limit.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr milliseconds kPause{100};

GroupMember MemberOf(const rd_kafka_MemberDescription_t& description, const std::string& topic) {
  GroupMember member;
  const char* const name = rd_kafka_MemberDescription_group_instance_id(&description);
  member.name = name != nullptr && *name != '\0'
                    ? name
                    : rd_kafka_MemberDescription_consumer_id(&description);
  if (const char* const host = rd_kafka_MemberDescription_host(&description)) {
    member.host = *host == '/' ? host + 1 : host;
  }
  const rd_kafka_topic_partition_list_t* const list =
      rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(&description));
  if (list == nullptr) return member;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (entry.topic == topic) member.partitions.push_back(entry.partition);
  }
  std::sort(member.partitions.begin(), member.partitions.end());
  return member;
}

}  // namespace

GroupReader::GroupReader(const ClusterSettings& settings, std::unique_ptr<KafkaClient> stable,
                         std::unique_ptr<KafkaClient> unstable)
    : group_(settings.group),
      topic_(settings.topics.callbacks),
      client_(std::move(stable)),
      unstable_(std::move(unstable)) {}

Result<std::unique_ptr<GroupReader>> GroupReader::Open(const ClusterSettings& settings) {
  // read_committed makes librdkafka ask for stable offsets.
  const auto open = [&](const char* isolation) {
    return KafkaClient::Open(RD_KAFKA_CONSUMER, settings.kafka,
                             {{"group.id", settings.group},
                              {"isolation.level", isolation},
                              {"enable.auto.commit", "false"}});
  };
  auto stable = open("read_committed");
  if (!stable) return stable.error();
  auto unstable = open("read_uncommitted");
  if (!unstable) return unstable.error();
  return std::unique_ptr<GroupReader>(
      new GroupReader(settings, *std::move(stable), *std::move(unstable)));
}

Result<CommittedOffsets> GroupReader::Committed(const std::vector<std::int32_t>& partitions,
                                                Deadline deadline) {
  return Ask(*client_, partitions, deadline);
}

Result<CommittedOffsets> GroupReader::CommittedBefore(const std::vector<std::int32_t>& partitions,
                                                      Deadline deadline) {
  return Ask(*unstable_, partitions, deadline);
}

// A coordinator that has just come up loads the group for a moment.
Result<CommittedOffsets> GroupReader::Ask(const KafkaClient& client,
                                          const std::vector<std::int32_t>& partitions,
                                          Deadline deadline) const {
  kafka::PartitionOffsets queries;
  for (const std::int32_t partition : partitions) queries[partition] = RD_KAFKA_OFFSET_INVALID;
  const std::string what = "committed offsets of the group " + group_;
  for (;; std::this_thread::sleep_for(kPause)) {
    const kafka::PartitionList list = kafka::ListOf(topic_, queries);
    rd_kafka_resp_err_t error =
        rd_kafka_committed(client.get(), list.get(), kafka::CallLimit(deadline));
    CommittedOffsets committed;
    for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = entry.err;
      if (entry.offset < 0) continue;
      const std::string_view metadata(static_cast<const char*>(entry.metadata),
                                      entry.metadata_size);
      committed[entry.partition] = {entry.offset, common::ReadOffsetMetadata(metadata)};
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return committed;
    if (deadline.HasPassed() || error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
      return client.Failed(error, what);
    }
  }
}

Result<GroupFacts> GroupReader::Describe(Deadline deadline) {
  using AdminOptions = kafka::Owned<rd_kafka_AdminOptions_t>;
  const AdminOptions options(
      rd_kafka_AdminOptions_new(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  std::array<char, 512> refused{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kafka::CallLimit(deadline),
                                            refused.data(), refused.size());
  const kafka::Queue queue(rd_kafka_queue_new(client_->get()));
  std::array<const char*, 1> groups = {group_.c_str()};
  rd_kafka_DescribeConsumerGroups(client_->get(), groups.data(), groups.size(), options.get(),
                                  queue.get());
  // The answer comes a moment after the request has timed out.
  const kafka::Event event(rd_kafka_queue_poll(queue.get(), kafka::CallLimit(deadline) + 500));
  const std::string what = "the group " + group_;
  if (!event) return client_->Failed(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return client_->Failed(error, what);
  }
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  GroupFacts facts;
  for (const auto* description : std::span(found, count)) {
    const rd_kafka_error_t* const error = rd_kafka_ConsumerGroupDescription_error(description);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client_->Failed(rd_kafka_error_code(error), what);
    }
    facts.state =
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(description));
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(description); ++i) {
      facts.members.push_back(
          MemberOf(*rd_kafka_ConsumerGroupDescription_member(description, i), topic_));
    }
  }
  std::sort(facts.members.begin(), facts.members.end(),
            [](const GroupMember& a, const GroupMember& b) { return a.name < b.name; });
  return facts;
}

}  // namespace ctl
