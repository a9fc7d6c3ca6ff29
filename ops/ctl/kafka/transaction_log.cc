#include "ops/ctl/kafka/transaction_log.h"

#include <chrono>
#include <utility>

#include "common/base/deadline.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/committed_offsets.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/topic_layout.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::kafka::IsolationLevel;
using std::chrono::seconds;
namespace kafka = common::kafka;

constexpr seconds kReadLimit{60};
/// While offsets are pending, librdkafka repeats the request for this long.
constexpr seconds kStableLimit{3};

}  // namespace

TransactionLog::TransactionLog(const ClusterSettings& settings,
                               std::unique_ptr<KafkaClient> committed,
                               std::unique_ptr<KafkaClient> uncommitted)
    : callbacks_(settings.topics.callbacks),
      committed_(std::move(committed)),
      uncommitted_(std::move(uncommitted)) {}

Result<std::unique_ptr<TransactionLog>> TransactionLog::Open(const ClusterSettings& settings) {
  auto committed =
      KafkaClient::OpenReader(settings.kafka, settings.group, IsolationLevel::kReadCommitted);
  if (!committed) return committed.error();
  auto uncommitted =
      KafkaClient::OpenReader(settings.kafka, settings.group, IsolationLevel::kReadUncommitted);
  if (!uncommitted) return uncommitted.error();
  return std::unique_ptr<TransactionLog>(
      new TransactionLog(settings, *std::move(committed), *std::move(uncommitted)));
}

// Ends first: records written later are not examined.
Result<std::map<common::Partition, TransactionLog::Bounds>> TransactionLog::BoundsOf(
    const std::string& topic) {
  const kafka::TopicLayout layout =
      kafka::FetchTopicLayout(uncommitted_->get(), topic, Deadline::After(kLookUpLimit));
  if (layout.error != RD_KAFKA_RESP_ERR_NO_ERROR) return uncommitted_->Failed(layout.error, topic);
  kafka::OffsetQueries ends;
  kafka::OffsetQueries begins;
  for (const common::Partition partition : layout.led) {
    ends[partition] = RD_KAFKA_OFFSET_END;
    begins[partition] = RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto look_up = [&](const KafkaClient& client, const kafka::OffsetQueries& queries) {
    return kafka::LookUpOffsets(client.get(), topic, queries, Deadline::After(kLookUpLimit));
  };
  const kafka::OffsetAnswers end = look_up(*uncommitted_, ends);
  const kafka::OffsetAnswers stable = look_up(*committed_, ends);
  const kafka::OffsetAnswers begin = look_up(*uncommitted_, begins);
  std::map<common::Partition, Bounds> bounds;
  for (const auto& [partition, offset] : end.found) {
    if (!stable.found.contains(partition) || !begin.found.contains(partition)) continue;
    bounds[partition] = {begin.found.at(partition), stable.found.at(partition), offset};
  }
  if (bounds.empty()) {
    const auto why =
        end.failed.empty() ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : end.failed.begin()->second;
    return uncommitted_->Failed(why, topic);
  }
  return bounds;
}

Result<void> TransactionLog::Read(IsolationLevel isolation, const std::string& topic,
                                  common::Partition partition, const kafka::Extent& extent,
                                  const Visit& visit) {
  const bool is_committed = isolation == IsolationLevel::kReadCommitted;
  const KafkaClient& client = is_committed ? *committed_ : *uncommitted_;
  const kafka::PartitionReadEnd end = kafka::ReadPartition(client.get(), topic, partition, extent,
                                                           visit, Deadline::After(kReadLimit));
  if (end.is_complete()) return {};
  if (end.reason == kafka::PartitionReadEnd::Reason::kWentBack) {
    return common::Error{
        common::Remedy::kRetry, kafka::code::kRetriable,
        topic + ":" + ToText(partition) + ": the log was cut or made anew while it was read"};
  }
  const auto error = end.errors.find(partition);
  return client.Failed(error == end.errors.end() ? RD_KAFKA_RESP_ERR__TIMED_OUT : error->second,
                       topic + ":" + ToText(partition));
}

Result<common::OffsetWitnessed> TransactionLog::CommittedOffset(common::Partition partition) {
  const auto ask = [&](const KafkaClient& client) {
    return kafka::LookUpCommitted(client.get(), callbacks_, {partition},
                                  Deadline::After(kStableLimit));
  };
  kafka::CommittedAnswers answers = ask(*committed_);
  const bool is_stable = answers.failed.empty();
  if (!is_stable) answers = ask(*uncommitted_);
  if (!answers.failed.empty()) {
    return uncommitted_->Failed(answers.failed.at(partition), "committed offsets");
  }
  common::OffsetWitnessed found{.is_stable = is_stable};
  const auto offset = answers.found.find(partition);
  if (offset != answers.found.end()) found.metadata = offset->second.metadata;
  return found;
}

}  // namespace ctl
