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
#include "common/domain/record_headers.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Which part of a topic: by partition and record time.
struct ScanRange {
  std::vector<std::int32_t> partitions = {};  ///< Empty: all.
  std::optional<common::WallTime> from = {};  ///< None: the log's start.
  std::optional<common::WallTime> to = {};    ///< Exclusive; none: the end as it is now.
};

/// Offsets [from, to) of one partition.
struct Extent {
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};
using Extents = std::map<std::int32_t, Extent>;

/// Offsets in all. There are as many records at most: transactions' ends take offsets as well.
[[nodiscard]] std::int64_t SizeOf(const Extents& extents);

/// A record that a scan has come to. Views and message end with the visit.
class ScannedRecord {
 public:
  explicit ScannedRecord(const rd_kafka_message_t& message) : message_(message) {}

  [[nodiscard]] std::int32_t partition() const { return message_.partition; }
  [[nodiscard]] std::int64_t offset() const { return message_.offset; }
  /// The record time; without one, the epoch.
  [[nodiscard]] common::WallTime time() const {
    return common::kafka::TimestampOf(message_).value_or(common::WallTime{});
  }
  /// A null key or value is an empty one.
  [[nodiscard]] std::string_view key() const { return common::kafka::KeyOf(message_); }
  [[nodiscard]] std::string_view value() const { return common::kafka::ValueOf(message_); }
  [[nodiscard]] common::RecordHeaders headers() const { return common::kafka::HeadersOf(message_); }
  /// The last header of that name, without copying the others.
  [[nodiscard]] std::optional<std::string_view> Header(const std::string& name) const;

 private:
  const rd_kafka_message_t& message_;
};

/// A record that was looked at by itself.
struct PeekedRecord {
  std::int64_t offset = 0;
  common::WallTime time{};
  bool is_broker_time = false;  ///< `time` is when the broker got it.
  std::string instance;         ///< Of the headers that results and markers carry; empty: absent.
  std::string transaction;
};

/// Reads a topic from an offset or a record time to an end that stands when the reading begins: no
/// member of a group, nothing is committed. Only committed records are seen.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  kReject for a partition that does not exist; kRetry where no broker answers; else
/// kStop.
class TopicScan {
 public:
  static common::Result<std::unique_ptr<TopicScan>> Open(const ClusterSettings& settings,
                                                         std::string topic);

  /// Where the range begins and ends now. Records of open transactions count: Read() waits for
  /// them. Times are those of the log's index, so of a topic with CreateTime records some may be
  /// outside [from, to).
  [[nodiscard]] common::Result<Extents> Find(const ScanRange& range);

  struct Reading {
    Extents extents;
    /// Called in the order of each partition; false ends the scan. May take as long as it likes.
    std::function<bool(const ScannedRecord&)> visit;
    /// Offsets passed and all of them; called often.
    std::function<void(std::int64_t done, std::int64_t total)> progress = {};
    std::stop_token stop = {};
    /// It fails if it does not advance for so long: no broker, or a transaction that stays open.
    std::chrono::milliseconds patience = std::chrono::seconds(30);
  };
  enum class Ended { kAtEnd, kByVisitor, kByStop };
  [[nodiscard]] common::Result<Ended> Read(const Reading& reading);

  /// Where a reader of committed records stops for now: below the end, a transaction is open there.
  [[nodiscard]] common::Result<common::kafka::PartitionOffsets> FindStableEnds(
      const Extents& extents) const;
  /// The first record from the offset on, committed or not; none: not within two seconds.
  [[nodiscard]] std::optional<PeekedRecord> PeekUncommitted(std::int32_t partition,
                                                            std::int64_t offset);

 private:
  TopicScan(std::string topic, std::unique_ptr<KafkaClient> committed,
            std::unique_ptr<KafkaClient> uncommitted);
  [[nodiscard]] common::Result<int> CountPartitions(common::Deadline deadline) const;
  [[nodiscard]] common::Result<common::kafka::PartitionOffsets> LookUp(
      const KafkaClient& client, common::kafka::PartitionOffsets queries,
      common::Deadline deadline) const;

  std::string topic_;
  std::unique_ptr<KafkaClient> committed_;    ///< Reads.
  std::unique_ptr<KafkaClient> uncommitted_;  ///< Its ends are the log's, not those of what is
                                              ///< committed.
};

}  // namespace ctl
