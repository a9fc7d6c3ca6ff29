#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <optional>

#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"
#include "consumer/kafka/kept_markers.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// A restored partition, and what its table was read from; none: from no record.
struct HandedPartition {
  RestoredPartition restored;
  std::optional<MarkersOrigin> origin;
};

/// One attempt to read the markers of some partitions. Reads on from what earlier attempts have
/// left, if the first record that comes is the last one that they have read.
///
/// Threads: confined to one.
class MarkerReading {
 public:
  struct Plan {
    std::map<Partition, RestoredPartition> starts;  ///< Of the partitions of `from`, at least.
    std::map<Partition, common::WallTime> oldest;   ///< Markers from then on count.
    Offsets from;                                   ///< On `callbacks.seen`.
  };
  MarkerReading(Plan plan, KeptMarkers& kept);

  /// Where reading begins, or goes on.
  [[nodiscard]] const Offsets& begins() const { return begins_; }
  /// The last offset of each partition with a record.
  [[nodiscard]] const Offsets& reached() const { return reached_; }

  void Read(const rd_kafka_message_t& message);
  /// The partition was read to its end. None: it must be read again, from its begin.
  [[nodiscard]] std::optional<HandedPartition> End(Partition partition);
  /// Leaves the rest to later attempts.
  void Keep(KeptMarkers::TimePoint now);

 private:
  struct Part {
    RestoredPartition restored;
    MarkersOrigin origin;
    bool has_read = false;
    /// Of an earlier attempt, and to come first.
    std::optional<SeenRecord> awaited;
    bool is_another_log = false;  ///< Another record came instead.
  };
  [[nodiscard]] static bool IsSound(const Part& part) {
    return !part.awaited && !part.is_another_log;
  }

  KeptMarkers& kept_;
  std::map<Partition, Part> parts_;
  Offsets begins_;
  Offsets reached_;
  common::HeaderViews headers_;
  common::WallTime now_ = common::WallNow();
};

}  // namespace consumer
