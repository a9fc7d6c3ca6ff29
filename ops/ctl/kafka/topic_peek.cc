#include <chrono>

#include "common/kafka/handles.h"
#include "ops/ctl/kafka/topic_scan.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

constexpr std::chrono::seconds kLookUpLimit{10};
constexpr std::chrono::seconds kPeekLimit{2};
constexpr int kPollMs = 100;

std::string TextOf(const ScannedRecord& record, std::string_view header) {
  return std::string(record.Header(std::string(header)).value_or(""));
}

}  // namespace

Result<kafka::PartitionOffsets> TopicScan::FindStableEnds(const Extents& extents) const {
  kafka::PartitionOffsets queries;
  for (const auto& [partition, extent] : extents) queries[partition] = RD_KAFKA_OFFSET_END;
  return LookUp(*committed_, std::move(queries), Deadline::After(kLookUpLimit));
}

std::optional<PeekedRecord> TopicScan::PeekUncommitted(std::int32_t partition,
                                                       std::int64_t offset) {
  rd_kafka_assign(uncommitted_->get(), kafka::ListOf(topic_, {{partition, offset}}).get());
  const Deadline deadline = Deadline::After(kPeekLimit);
  std::optional<PeekedRecord> peeked;
  while (!peeked && !deadline.HasPassed()) {
    const kafka::Message message(rd_kafka_consumer_poll(uncommitted_->get(), kPollMs));
    if (!message || message->partition != partition) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const ScannedRecord record(*message);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    rd_kafka_message_timestamp(message.get(), &type);
    peeked = {.offset = record.offset(),
              .time = record.time(),
              .is_broker_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
              .instance = TextOf(record, "instance"),
              .transaction = TextOf(record, "transaction")};
  }
  rd_kafka_assign(uncommitted_->get(), nullptr);
  return peeked;
}

}  // namespace ctl
