#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/offset.h"
#include "common/domain/offset_metadata.h"
#include "common/domain/partition.h"

namespace common::kafka {

struct CommittedOffset {
  Offset offset{};
  OffsetMetadata metadata = {};
};

/// The result of a look-up. Each requested partition is in one of the three.
struct CommittedAnswers {
  std::map<Partition, CommittedOffset> found = {};
  std::set<Partition> absent = {};  ///< The group has committed nothing.
  std::map<Partition, rd_kafka_resp_err_t> failed = {};
};

/// Asks the coordinator of the client's group for its committed offsets, as no member.
///
/// A read_committed client asks for stable offsets: librdkafka repeats the request until no open
/// transaction carries an offset of any of the partitions, and fails at the deadline if one still
/// does. A read_uncommitted client gets the offsets from before those transactions.
///
/// Threads: any; blocks at most until the deadline.
[[nodiscard]] CommittedAnswers LookUpCommitted(rd_kafka_t* client, const std::string& topic,
                                               const std::vector<Partition>& partitions,
                                               Deadline deadline);

/// The metadata of one entry of a commit. The list frees the text with librdkafka's allocator.
void SetMetadata(rd_kafka_t* client, rd_kafka_topic_partition_t& entry, const std::string& text);

/// Commits offsets as no member of the client's group: the coordinator refuses it while the group
/// has members. All or nothing, as far as one request can be.
///
/// Threads: any; blocks at most until the deadline.
/// Errors:  librdkafka's code of the request or of the first partition that was refused.
[[nodiscard]] rd_kafka_resp_err_t CommitOffsets(rd_kafka_t* client, const std::string& topic,
                                                const std::map<Partition, CommittedOffset>& offsets,
                                                Deadline deadline);

}  // namespace common::kafka
