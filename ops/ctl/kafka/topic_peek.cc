#include <chrono>

#include "common/kafka/partition_reader.h"
#include "ops/ctl/kafka/topic_scan.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

constexpr std::chrono::seconds kPeekLimit{2};

std::string TextOf(const ScannedRecord& record, std::string_view header) {
  return std::string(record.Header(std::string(header)).value_or(""));
}

}  // namespace

Result<kafka::PartitionOffsets> TopicScan::FindStableEnds(const Extents& extents) const {
  kafka::OffsetQueries queries;
  for (const auto& [partition, extent] : extents) queries[partition] = RD_KAFKA_OFFSET_END;
  return LookUp(*committed_, std::move(queries), Deadline::After(kLookUpLimit));
}

std::optional<PeekedRecord> TopicScan::PeekUncommitted(common::Partition partition,
                                                       common::Offset offset) {
  std::optional<PeekedRecord> peeked;
  const auto visit = [&](const rd_kafka_message_t& message) {
    const ScannedRecord record(message);
    peeked = {.offset = record.offset(),
              .time = record.time(),
              .is_broker_time = record.is_broker_time(),
              .instance = TextOf(record, "instance"),
              .transaction = TextOf(record, "transaction")};
  };
  static_cast<void>(kafka::ReadFirstRecords(uncommitted_->get(), topic_, {{partition, offset}},
                                            visit, Deadline::After(kPeekLimit)));
  return peeked;
}

}  // namespace ctl
