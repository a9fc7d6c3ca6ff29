#pragma once

#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset_metadata.h"
#include "common/kafka/client_log.h"
#include "common/kafka/group_coordinator.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/partition_reader.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/lane/records.h"
#include "consumer/state/transaction_evidence.h"

namespace consumer {

using Offsets = common::kafka::PartitionOffsets;

/// Where a partition of `callbacks` was left.
struct CommittedOffset {
  Offset offset = 0;
  common::OffsetMetadata metadata = {};
  bool is_absent = false;  ///< Nothing is committed; the offset is the log's begin.
};
using CommittedOffsets = std::map<Partition, CommittedOffset>;

/// Looks things up in the logs beside the group: no member of it, nothing is committed.
///
/// Threads: confined to one; every call blocks until its deadline at the latest.
/// Errors:  a partition that could not be looked up is missing in the answer, never "nothing
///          there". Right after a broker's restart that is normal.
class LogReader {
 public:
  /// Errors: kStop, in librdkafka's words.
  static common::Result<std::unique_ptr<LogReader>> Create(const ClientSettings& settings,
                                                           const common::Logger& log);
  ~LogReader();

  enum class Stability {
    kStable,  ///< Waits for open transactions that carry an offset of any of the partitions.
    kRough,   ///< As if they were not there. Nothing may be built on it: they may be committed yet.
  };
  /// The group's committed offsets; of one that has none, the log's begin.
  [[nodiscard]] CommittedOffsets Committed(const std::vector<Partition>& partitions,
                                           Stability stability, common::Deadline deadline);

  /// How many partitions `callbacks` has; none if that could not be looked up.
  [[nodiscard]] std::optional<int> Partitions(common::Deadline deadline) {
    return PartitionsOf(callbacks_, deadline);
  }
  [[nodiscard]] std::optional<int> PartitionsOf(const std::string& topic,
                                                common::Deadline deadline);

  /// The members of the group and their partitions; none if that could not be looked up.
  [[nodiscard]] std::optional<common::kafka::GroupFacts> Group(common::Deadline deadline);

  /// The first record of `callbacks` at or after each offset; `without` gets the partitions that
  /// have none. An offset outside of the log counts as its begin.
  [[nodiscard]] std::map<Partition, common::OffsetWitness> FirstRecords(
      const Offsets& offsets, std::set<Partition>& without, common::Deadline deadline);

  /// A record time of `callbacks` that is not after that of any record at or after the offset: that
  /// of the first one, without one that of the last record before it, else the beginning of time.
  [[nodiscard]] std::map<Partition, common::WallTime> OldestTimes(const Offsets& offsets,
                                                                  common::Deadline deadline);

  /// The offset of the first record at or after each time; without one, the end. Records of open
  /// transactions count, and so they do for Ends().
  [[nodiscard]] Offsets OffsetsAt(const std::string& topic,
                                  const std::map<Partition, common::WallTime>& times,
                                  common::Deadline deadline);
  [[nodiscard]] Offsets Begins(const std::string& topic, const std::vector<Partition>& partitions,
                               common::Deadline deadline);
  [[nodiscard]] Offsets Ends(const std::string& topic, const std::vector<Partition>& partitions,
                             common::Deadline deadline);
  /// Where a read_committed reader must stop for now: before the first open transaction.
  [[nodiscard]] Offsets StableEnds(const std::string& topic,
                                   const std::vector<Partition>& partitions,
                                   common::Deadline deadline);

  struct Openness {
    std::vector<Partition> clean;  ///< Nothing was open when the call began.
    Offsets open;                  ///< Where the first open transaction begins.
  };
  /// What is in neither could not be looked up.
  [[nodiscard]] Openness LookForOpen(const std::string& topic,
                                     const std::vector<Partition>& partitions,
                                     common::Deadline deadline);

  /// Which transaction the record there says that it belongs to, open or not.
  [[nodiscard]] std::optional<TransactionName> NameAt(const std::string& topic, Partition partition,
                                                      Offset offset, common::Deadline deadline);

  /// The records of an extent of one partition; of committed ones, its end must not be beyond the
  /// stable end. False: not all of them came in time.
  bool Peek(common::kafka::IsolationLevel isolation, const std::string& topic, Partition partition,
            const common::kafka::Extent& extent,
            const std::function<void(const rd_kafka_message_t&)>& visit, common::Deadline deadline);

  /// Reads committed records, and waits for open transactions. True if every extent was read to its
  /// end.
  bool Read(const common::kafka::PartitionReading& reading);

 private:
  LogReader(const ClientSettings& settings, const common::Logger& log);
  void WarmUp(common::Deadline deadline);
  [[nodiscard]] Offsets LookUp(const common::kafka::Handle& client, const std::string& topic,
                               const Offsets& queries, common::Deadline deadline);

  /// Whether it went well; what did not is logged, now and then. Partitions may have errors of
  /// their own.
  bool Succeeded(rd_kafka_resp_err_t code, std::string_view call) const;

  /// The same line now and then only.
  void TellOnce(std::string_view call, std::string_view code, std::string_view detail) const;

  std::string group_;
  std::string callbacks_;
  std::string seen_;
  const common::Logger& log_;
  mutable std::map<std::string, common::Deadline> silent_;  ///< Until then, by call and error.
  common::kafka::ClientLog client_log_;
  bool is_warm_ = false;
  // Last: their callbacks use the members above.
  common::kafka::Handle committed_;    ///< read_committed, knows the group.
  common::kafka::Handle uncommitted_;  ///< read_uncommitted: its ends are those of the log, not of
                                       ///< what is committed.
  std::optional<common::kafka::GroupCoordinator> coordinator_;
};

/// Those of a topic that has so many: 0, 1, …
[[nodiscard]] inline std::vector<Partition> AllPartitions(int count) {
  std::vector<Partition> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace consumer
