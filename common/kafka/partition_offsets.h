#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <string>

#include "common/base/deadline.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// Offsets of one topic, by partition.
using PartitionOffsets = std::map<std::int32_t, std::int64_t>;

[[nodiscard]] PartitionList ListOf(const std::string& topic, const PartitionOffsets& offsets);

/// What a look-up found: each partition that was asked for is in one of the two.
struct OffsetAnswers {
  PartitionOffsets found;
  std::map<std::int32_t, rd_kafka_resp_err_t> failed;
};

/// One ListOffsets request for each leader; a partition that has none does not hold back the others
/// for more than a second. A query is one of
///
///   a record time in ms         the offset of the first record at or after it; -1 if there is none
///   RD_KAFKA_OFFSET_BEGINNING   the log's start
///   RD_KAFKA_OFFSET_END         its end; for a read_committed client, that of committed records
///
/// Right after a broker's restart some partitions answer with an error: ask again.
///
/// Threads: any; blocks until the deadline at the latest.
[[nodiscard]] OffsetAnswers LookUpOffsets(rd_kafka_t* client, const std::string& topic,
                                          const PartitionOffsets& queries, Deadline deadline);

}  // namespace common::kafka
