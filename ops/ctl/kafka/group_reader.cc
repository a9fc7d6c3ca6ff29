#include "ops/ctl/kafka/group_reader.h"

#include <thread>
#include <utility>

#include "common/kafka/classify_error.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

}  // namespace

GroupReader::GroupReader(const ClusterSettings& settings, std::unique_ptr<KafkaClient> stable,
                         std::unique_ptr<KafkaClient> unstable)
    : group_(settings.group),
      topic_(settings.topics.callbacks),
      client_(std::move(stable)),
      unstable_(std::move(unstable)),
      coordinator_(client_->get(), group_) {}

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

Result<CommittedOffsets> GroupReader::Committed(const std::vector<common::Partition>& partitions,
                                                Deadline deadline) {
  return Ask(*client_, partitions, deadline);
}

Result<CommittedOffsets> GroupReader::CommittedBefore(
    const std::vector<common::Partition>& partitions, Deadline deadline) {
  return Ask(*unstable_, partitions, deadline);
}

// A coordinator that has just started needs a moment to load the group.
Result<CommittedOffsets> GroupReader::Ask(const KafkaClient& client,
                                          const std::vector<common::Partition>& partitions,
                                          Deadline deadline) const {
  for (;; std::this_thread::sleep_for(kLookUpPause)) {
    kafka::CommittedAnswers answers =
        kafka::LookUpCommitted(client.get(), topic_, partitions, deadline);
    if (answers.failed.empty()) return std::move(answers.found);
    const rd_kafka_resp_err_t error = answers.failed.begin()->second;
    if (deadline.HasPassed() || error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
      return client.Failed(error, "committed offsets of the group " + group_);
    }
  }
}

Result<GroupFacts> GroupReader::Describe(Deadline deadline) {
  return coordinator_.Describe(topic_, deadline);
}

Result<void> GroupReader::Commit(const CommittedOffsets& offsets, Deadline deadline) {
  for (;; std::this_thread::sleep_for(kLookUpPause)) {
    const rd_kafka_resp_err_t failed =
        kafka::CommitOffsets(client_->get(), topic_, offsets, deadline);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    const bool is_passing = kafka::Classify(failed, "commit").remedy == common::Remedy::kRetry;
    if (deadline.HasPassed() || !is_passing) {
      return client_->Failed(failed, "commit of the group " + group_);
    }
  }
}

}  // namespace ctl
