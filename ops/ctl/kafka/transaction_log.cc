#include "ops/ctl/kafka/transaction_log.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "common/base/deadline.h"
#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::seconds;
namespace kafka = common::kafka;

constexpr seconds kLookUpLimit{10};
constexpr seconds kReadLimit{60};
/// While offsets are pending, librdkafka repeats the request for this long.
constexpr seconds kStableLimit{3};
constexpr int kPollMs = 100;

kafka::Properties Promises(const std::string& group, const char* isolation) {
  return {{"group.id", group},
          {"isolation.level", isolation},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"enable.partition.eof", "true"},
          {"auto.offset.reset", "error"},
          {"fetch.wait.max.ms", "20"}};
}

}  // namespace

TransactionLog::TransactionLog(const ClusterSettings& settings,
                               std::unique_ptr<KafkaClient> committed,
                               std::unique_ptr<KafkaClient> uncommitted)
    : callbacks_(settings.topics.callbacks),
      committed_(std::move(committed)),
      uncommitted_(std::move(uncommitted)) {}

Result<std::unique_ptr<TransactionLog>> TransactionLog::Open(const ClusterSettings& settings) {
  auto committed = KafkaClient::Open(RD_KAFKA_CONSUMER, settings.kafka,
                                     Promises(settings.group, "read_committed"));
  if (!committed) return committed.error();
  auto uncommitted = KafkaClient::Open(RD_KAFKA_CONSUMER, settings.kafka,
                                       Promises(settings.group, "read_uncommitted"));
  if (!uncommitted) return uncommitted.error();
  return std::unique_ptr<TransactionLog>(
      new TransactionLog(settings, *std::move(committed), *std::move(uncommitted)));
}

// Ends first: records written later are not examined.
Result<std::map<std::int32_t, TransactionLog::Bounds>> TransactionLog::BoundsOf(
    const std::string& topic) {
  const kafka::Topic named(rd_kafka_topic_new(uncommitted_->get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto failed = rd_kafka_metadata(uncommitted_->get(), 0, named.get(), &found,
                                        kafka::CallLimit(Deadline::After(kLookUpLimit)));
  const kafka::Metadata metadata(found);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return uncommitted_->Failed(failed, topic);
  kafka::PartitionOffsets ends;
  kafka::PartitionOffsets begins;
  for (int i = 0; metadata->topic_cnt == 1 && i < metadata->topics[0].partition_cnt; ++i) {
    if (metadata->topics[0].partitions[i].leader < 0) continue;
    ends[metadata->topics[0].partitions[i].id] = RD_KAFKA_OFFSET_END;
    begins[metadata->topics[0].partitions[i].id] = RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto look_up = [&](const KafkaClient& client, const kafka::PartitionOffsets& queries) {
    return kafka::LookUpOffsets(client.get(), topic, queries, Deadline::After(kLookUpLimit));
  };
  const kafka::OffsetAnswers end = look_up(*uncommitted_, ends);
  const kafka::OffsetAnswers stable = look_up(*committed_, ends);
  const kafka::OffsetAnswers begin = look_up(*uncommitted_, begins);
  std::map<std::int32_t, Bounds> bounds;
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

Result<void> TransactionLog::Read(Reader reader, const std::string& topic, std::int32_t partition,
                                  std::int64_t from, std::int64_t to, const Visit& visit) {
  if (from >= to) return {};
  const KafkaClient& client = reader == Reader::kCommitted ? *committed_ : *uncommitted_;
  rd_kafka_assign(client.get(), kafka::ListOf(topic, {{partition, from}}).get());
  const Deadline deadline = Deadline::After(kReadLimit);
  bool is_done = false;
  while (!is_done && !deadline.HasPassed()) {
    const kafka::Message message(rd_kafka_consumer_poll(client.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->offset < to) visit(*message);
      is_done = message->offset + 1 >= to;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      is_done = message->offset >= to;  // Counts transaction markers, which are no records.
    }
  }
  rd_kafka_assign(client.get(), nullptr);
  if (is_done) return {};
  return client.Failed(RD_KAFKA_RESP_ERR__TIMED_OUT, topic + ":" + std::to_string(partition));
}

Result<consumer::OffsetWitnessed> TransactionLog::CommittedOffset(std::int32_t partition) {
  const auto ask = [&](const KafkaClient& client, consumer::OffsetWitnessed& found) {
    const kafka::PartitionList list =
        kafka::ListOf(callbacks_, {{partition, RD_KAFKA_OFFSET_INVALID}});
    const auto failed = rd_kafka_committed(client.get(), list.get(),
                                           kafka::CallLimit(Deadline::After(kStableLimit)));
    const rd_kafka_topic_partition_t& entry = list->elems[0];
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return failed;
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return entry.err;
    if (entry.offset >= 0) {
      found.metadata = common::ReadOffsetMetadata(
          std::string_view(static_cast<const char*>(entry.metadata), entry.metadata_size));
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  consumer::OffsetWitnessed found;
  found.is_stable = ask(*committed_, found) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (found.is_stable) return found;
  if (const auto failed = ask(*uncommitted_, found)) {
    return uncommitted_->Failed(failed, "committed offsets");
  }
  return found;
}

}  // namespace ctl
