#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset_metadata.h"
#include "common/domain/transaction_evidence.h"
#include "common/kafka/client_log.h"
#include "common/kafka/group_coordinator.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/partition_reader.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_throttle.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/open_partitions.h"
#include "consumer/kafka/silence.h"
#include "consumer/lane/records.h"

namespace consumer {

using Offsets = common::kafka::PartitionOffsets;

/// The group's committed position on a partition of `callbacks`.
struct CommittedOffset {
  Offset offset{};
  common::OffsetMetadata metadata = {};
  bool is_absent = false;  ///< Nothing is committed; the offset is the log's begin.
};
using CommittedOffsets = std::map<Partition, CommittedOffset>;

/// The purpose of a reader, for its log lines.
enum class ReaderRole { kRestorer, kAnnouncements };

/// Looks up positions and records in the logs, outside the group: is not a member, commits nothing.
///
/// Threads: confined to one; every call blocks until its deadline at the latest.
/// Errors:  the answer lacks a partition that could not be looked up, which is normal right after a
///          broker's restart. It never means "nothing there".
class LogReader {
 public:
  /// Errors: kStop, with librdkafka's message.
  static common::Result<std::unique_ptr<LogReader>> Create(const ClientSettings& settings,
                                                           const common::Logger& log,
                                                           ReaderRole role = ReaderRole::kRestorer);
  ~LogReader();

  enum class Stability {
    kStable,  ///< Waits for open transactions that carry an offset of any of the partitions.
    kRough,   ///< Ignores open transactions. Base nothing on it: they may still be committed.
  };
  /// The group's committed offsets; the log's begin for a partition without one.
  [[nodiscard]] CommittedOffsets Committed(const std::vector<Partition>& partitions,
                                           Stability stability, common::Deadline deadline);

  /// The number of partitions of `callbacks`; none if the look-up failed.
  [[nodiscard]] std::optional<int> Partitions(common::Deadline deadline) {
    return PartitionsOf(callbacks_, deadline);
  }
  [[nodiscard]] std::optional<int> PartitionsOf(const std::string& topic,
                                                common::Deadline deadline);

  /// The members of the group and their partitions; none if the look-up failed.
  [[nodiscard]] std::optional<common::kafka::GroupFacts> Group(common::Deadline deadline);

  /// The first record of the topic at or after each offset. Adds the partitions without one to
  /// `without`. An offset outside the log counts as its begin.
  [[nodiscard]] std::map<Partition, common::OffsetWitness> FirstRecords(
      const std::string& topic, const Offsets& offsets, std::set<Partition>& without,
      common::Deadline deadline);

  /// A lower bound on the record times of `callbacks` at or after the offset: the time of the first
  /// such record, else of the last record before it, else the beginning of time.
  [[nodiscard]] std::map<Partition, common::WallTime> OldestTimes(const Offsets& offsets,
                                                                  common::Deadline deadline);

  /// The offset of the first record at or after each time, or the end without one. Includes records
  /// of open transactions, as does Ends().
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

  /// Which of these partitions had an open transaction when the call began. Omits a partition that
  /// could not be looked up.
  [[nodiscard]] OpenPartitions LookForOpen(const std::string& topic,
                                           const std::vector<Partition>& partitions,
                                           common::Deadline deadline);

  /// The transaction named in that record, open or not.
  [[nodiscard]] std::optional<common::TransactionName> NameAt(const std::string& topic,
                                                              Partition partition, Offset offset,
                                                              common::Deadline deadline);

  /// Visits the records of an extent of one partition. For committed ones, its end must not exceed
  /// the stable end. False if not all came in time.
  bool Peek(common::kafka::IsolationLevel isolation, const std::string& topic, Partition partition,
            const common::kafka::Extent& extent,
            const std::function<void(const rd_kafka_message_t&)>& visit, common::Deadline deadline);

  /// Reads committed records and waits for open transactions. True if every extent was read to its
  /// end.
  bool Read(const common::kafka::PartitionReading& reading);

  /// For how long one kind of look-up has only failed.
  [[nodiscard]] Silence::Clock::duration silence() const { return silence_.Length(); }

 private:
  LogReader(const ClientSettings& settings, const common::Logger& log, ReaderRole role);
  void WarmUp(common::Deadline deadline);
  [[nodiscard]] common::kafka::OffsetAnswers LookUp(const common::kafka::Handle& client,
                                                    const std::string& topic,
                                                    const common::kafka::OffsetQueries& queries,
                                                    common::Deadline deadline);

  void TellFailed(std::string_view call,
                  const std::map<Partition, rd_kafka_resp_err_t>& failed) const;
  /// The same line now and then only.
  void TellOnce(std::string_view call, std::string_view code, std::string_view detail) const;
  /// `is_answered`: for at least one partition. One client can fail where the other does not.
  void Heard(std::string_view call, const common::kafka::Handle& client, const std::string& topic,
             bool is_answered);

  std::string group_;
  std::string callbacks_;
  std::string seen_;
  ReaderRole role_;
  const common::Logger& log_;
  mutable common::KeyedLogThrottle throttle_{std::chrono::seconds(10)};  ///< By call and error.
  common::kafka::ClientLog client_log_;
  bool is_warm_ = false;
  Silence silence_;
  // Last: their callbacks use the members above.
  common::kafka::Handle committed_;  ///< read_committed, knows the group.
  /// read_uncommitted: its ends are the log's ends, not those of the committed records.
  common::kafka::Handle uncommitted_;
  std::optional<common::kafka::GroupCoordinator> coordinator_;
};

}  // namespace consumer
