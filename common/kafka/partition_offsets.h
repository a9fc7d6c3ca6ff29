#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "common/base/deadline.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// Offsets of one topic, by partition.
using PartitionOffsets = std::map<Partition, Offset>;
/// A record time in milliseconds, or one of librdkafka's RD_KAFKA_OFFSET_…, for each partition.
using OffsetQueries = std::map<Partition, std::int64_t>;

[[nodiscard]] PartitionList ListOf(const std::string& topic, const PartitionOffsets& offsets);
[[nodiscard]] PartitionList ListOf(const std::string& topic, const OffsetQueries& queries);

/// The result of a look-up. Each requested partition is in one of the three.
struct OffsetAnswers {
  PartitionOffsets found;
  std::set<Partition> absent;  ///< No record is that young.
  std::map<Partition, rd_kafka_resp_err_t> failed;
};

/// Sends one ListOffsets request to each leader. A partition without a leader delays the others by
/// at most one second. A query is one of
///
///   a record time in ms         the offset of the first record at or after it, if any
///   RD_KAFKA_OFFSET_BEGINNING   the start of the log
///   RD_KAFKA_OFFSET_END         the end of the log; the last stable offset if read_committed
///
/// Right after a broker's restart some partitions answer with an error: retry.
///
/// Threads: any; blocks at most until the deadline.
[[nodiscard]] OffsetAnswers LookUpOffsets(rd_kafka_t* client, const std::string& topic,
                                          const OffsetQueries& queries, Deadline deadline);

}  // namespace common::kafka
