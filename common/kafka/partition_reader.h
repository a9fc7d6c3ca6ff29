#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "common/base/deadline.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/kafka/client_config.h"
#include "common/kafka/partition_offsets.h"

namespace common::kafka {

// Reads partitions of one topic from given offsets, as no member of a group, and commits nothing.
//
// Threads:    a call replaces the assignment of its client, so one call at a time per client.
//             Callbacks run in the call, on its thread.
// Time:       every call ends: by its deadline, or after `patience` without progress. It may
//             overrun by one poll (100 ms), by a look-up (3 s) if a log has refused a position, and
//             by what its callbacks take.
// Errors:     a partition whose leader does not answer is retried for as long as the call lasts; its
//             last error is in the answer. A missing permission ends the call at once.
// Isolation:  the client's, see ReaderPromises(). A read_committed client skips aborted records and
//             never passes the last stable offset: it waits there for the open transaction.
// Truncation: records below `from` are never visited, nor records at or above `to`. The client
//             moves no position by itself. If the log now begins above a position, because records
//             expired, `expired` is told and reading goes on at the begin. If the log does not
//             reach a position any more, because it lost its end or the topic was made anew, the
//             call ends: what a new log has at these offsets is something else. Compare a record
//             with what was read before to notice a log that has grown that far again.

enum class IsolationLevel { kReadCommitted, kReadUncommitted };

/// The properties that the functions below rest on, and without which they would be wrong.
[[nodiscard]] Properties ReaderPromises(const std::string& group, IsolationLevel isolation);
/// The properties that make them fast. An operator may change them.
[[nodiscard]] Properties ReaderDefaults();

/// Offsets [from, to) of one partition.
struct Extent {
  Offset from{};
  Offset to{};
  friend bool operator==(const Extent&, const Extent&) = default;
};
using Extents = std::map<Partition, Extent>;

/// The number of offsets. There may be fewer records: transaction markers take offsets, too.
[[nodiscard]] std::int64_t SizeOf(const Extents& extents);

struct PartitionReading {
  std::string topic;
  Extents extents;
  /// Called for each record, in order within a partition; returns false to end the call. May be
  /// slow. Lifetime: the message's ends with the visit.
  std::function<bool(const rd_kafka_message_t&)> visit;
  /// The partition was read to its `to`. Called for an empty extent, too.
  std::function<void(Partition partition)> reached = {};
  /// The client can read no further than the offset for now, which is below `to`: an open
  /// transaction begins there, or the log was truncated.
  std::function<void(Partition partition, Offset offset)> waits = {};
  /// The records from `from` to `to` were deleted before they could be read. There may have been
  /// none: only offsets are known.
  std::function<void(Partition partition, Extent passed)> expired = {};
  /// Called after each record and each jump over control records or deleted ones, with the number
  /// of offsets passed.
  std::function<void(std::int64_t done)> progress = {};
  /// Asked before the first record, every 256 records, and every 100 ms without records; returns
  /// false to end the call. Its own time does not count against `patience`.
  std::function<bool()> goes_on;
  /// The call ends after this time without progress in any partition.
  std::chrono::milliseconds patience;
};

struct PartitionReadEnd {
  enum class Reason {
    kComplete,  ///< Every extent was read to its end.
    kStopped,   ///< By `visit` or `goes_on`.
    kStalled,   ///< A transaction stays open, or no broker leads a partition.
    kDenied,    ///< We may not read the topic.
    /// A log, the one with OFFSET_OUT_OF_RANGE, ends below the position in it: it is not the one
    /// that was looked up.
    kWentBack,
  };
  Reason reason = Reason::kComplete;
  PartitionOffsets positions = {};  ///< Of the partitions that were not read to their ends.
  std::map<Partition, rd_kafka_resp_err_t> errors = {};  ///< The last one of each of these.

  [[nodiscard]] bool is_complete() const { return reason == Reason::kComplete; }
};

[[nodiscard]] PartitionReadEnd ReadPartitions(rd_kafka_t* client, const PartitionReading& reading);

/// The same for one partition and until a deadline.
[[nodiscard]] PartitionReadEnd ReadPartition(
    rd_kafka_t* client, const std::string& topic, Partition partition, const Extent& extent,
    const std::function<void(const rd_kafka_message_t&)>& visit, Deadline deadline);

/// Visits the first record at or after each offset; an offset outside the log counts as its begin.
/// Returns the partitions that have no such record. A partition that was neither visited nor
/// returned did not answer in time.
[[nodiscard]] std::set<Partition> ReadFirstRecords(
    rd_kafka_t* client, const std::string& topic, const PartitionOffsets& offsets,
    const std::function<void(const rd_kafka_message_t&)>& visit, Deadline deadline);
/// The same for the record right before each partition's end; a control record does not count.
[[nodiscard]] std::set<Partition> ReadLastRecords(
    rd_kafka_t* client, const std::string& topic, const std::set<Partition>& partitions,
    const std::function<void(const rd_kafka_message_t&)>& visit, Deadline deadline);

}  // namespace common::kafka
