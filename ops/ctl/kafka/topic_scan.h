#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/partition_reader.h"
#include "common/kafka/record_codec.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// A part of a topic: partitions and a range of record times.
struct ScanRange {
  std::vector<common::Partition> partitions = {};  ///< Empty: all.
  /// Leaves out partitions that the topic does not have.
  bool skips_missing = false;
  std::optional<common::WallTime> from = {};  ///< None: the log's start.
  std::optional<common::WallTime> to = {};    ///< Exclusive; none: the current end.
};

using common::kafka::Extent;
using common::kafka::Extents;
using common::kafka::SizeOf;

/// A record that a scan visits.
///
/// Lifetime: views and message are valid during the visit only.
class ScannedRecord {
 public:
  explicit ScannedRecord(const rd_kafka_message_t& message) : message_(message) {}

  [[nodiscard]] common::Partition partition() const { return common::kafka::PartitionOf(message_); }
  [[nodiscard]] common::Offset offset() const { return common::kafka::OffsetOf(message_); }
  /// The record time, or the epoch if the record has none.
  [[nodiscard]] common::WallTime time() const {
    return common::kafka::TimestampOf(message_).value_or(common::WallTime{});
  }
  /// True if the broker has set the time: LogAppendTime.
  [[nodiscard]] bool is_broker_time() const;
  /// A null key or value becomes an empty one.
  [[nodiscard]] std::string_view key() const { return common::kafka::KeyOf(message_); }
  [[nodiscard]] std::string_view value() const { return common::kafka::ValueOf(message_); }
  /// None: it is null.
  [[nodiscard]] std::optional<std::string_view> value_or_null() const {
    return message_.payload == nullptr ? std::nullopt : std::optional(value());
  }
  [[nodiscard]] common::RecordHeaders headers() const { return common::kafka::HeadersOf(message_); }
  /// The last header of that name, without copying the others.
  [[nodiscard]] std::optional<std::string_view> Header(const std::string& name) const;

 private:
  const rd_kafka_message_t& message_;
};

/// A record read outside a scan.
struct PeekedRecord {
  common::Offset offset{};
  common::WallTime time{};
  bool is_broker_time = false;  ///< `time` is LogAppendTime.
  std::string instance;         ///< From a header, like `transaction`; empty: absent.
  std::string transaction;
};

/// Reads the records of a topic, by default only committed ones, from an offset or a record time to
/// an end that is fixed when the scan starts. It joins no group and commits nothing.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  kReject for a partition that does not exist; kRetry if no broker answers, or if a log
///          does not have the extents any more; else kStop.
class TopicScan {
 public:
  static common::Result<std::unique_ptr<TopicScan>> Open(const ClusterSettings& settings,
                                                         std::string topic);

  /// Looks up the current offsets of the range. They include records of open transactions, for
  /// which Read() waits. Kafka looks times up in the log's index, so with CreateTime some records
  /// of the extents may be outside [from, to).
  [[nodiscard]] common::Result<Extents> Find(const ScanRange& range);

  struct Reading {
    Extents extents;
    /// Called for each record, in order within a partition; returns false to end the scan. May be
    /// slow.
    std::function<bool(const ScannedRecord&)> visit;
    /// Retention has deleted these offsets since the extents were looked up.
    std::function<void(common::Partition partition, Extent passed)> expired = {};
    /// Called often, with the offsets passed and their total.
    std::function<void(std::int64_t done, std::int64_t total)> progress = {};
    std::stop_token stop = {};
    /// The scan fails after this time without progress: no broker, or a transaction stays open.
    std::chrono::milliseconds patience = std::chrono::seconds(30);
    /// Also visits the records of aborted and open transactions, which the log still holds.
    bool with_uncommitted = false;
  };
  enum class Ended { kAtEnd, kByVisitor, kByStop };
  [[nodiscard]] common::Result<Ended> Read(const Reading& reading);

  /// The last stable offsets. One below the end of its partition is that of an open transaction.
  [[nodiscard]] common::Result<common::kafka::PartitionOffsets> FindStableEnds(
      const Extents& extents) const;
  /// The first record at or after the offset, committed or not. None: not within two seconds.
  [[nodiscard]] std::optional<PeekedRecord> PeekUncommitted(common::Partition partition,
                                                            common::Offset offset);

 private:
  TopicScan(std::string topic, std::unique_ptr<KafkaClient> committed,
            std::unique_ptr<KafkaClient> uncommitted);
  [[nodiscard]] common::Result<int> CountPartitions(common::Deadline deadline) const;
  /// Omits the partitions that have no record of the time or a later one.
  [[nodiscard]] common::Result<common::kafka::PartitionOffsets> LookUp(
      const KafkaClient& client, common::kafka::OffsetQueries queries,
      common::Deadline deadline) const;
  [[nodiscard]] common::Error WhyStalled(const KafkaClient& reader, const Extents& extents,
                                         const common::kafka::PartitionReadEnd& end) const;

  std::string topic_;
  std::unique_ptr<KafkaClient> committed_;    ///< Reads committed records.
  std::unique_ptr<KafkaClient> uncommitted_;  ///< Reads all, looks up the log's own ends.
};

}  // namespace ctl
