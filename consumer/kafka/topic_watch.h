#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "consumer/kafka/log_survey.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Looks every few seconds whether the logs of `callbacks` are still those that were read, whether
/// there are as many as there were, and whether somebody reads each of them.
///
/// A record that was read since the last look may have come from another log already, so the last
/// one of the look before is looked at: it was read from the log that was there then. At the first
/// look it is the first one that was told.
///
/// Threads: confined to one.
class TopicWatch {
 public:
  using NewDeadline = std::function<common::Deadline()>;

  explicit TopicWatch(std::string callbacks) : callbacks_(std::move(callbacks)) {}

  /// How many partitions there are; none if that could not be looked up. view().change tells if
  /// committed offsets rest on another number.
  [[nodiscard]] std::optional<int> CountPartitions(LogReader& reader, const NewDeadline& deadline);

  /// A restore begins: what is watched, or these of it, begins anew.
  void Reset() { anchors_.clear(); }
  void Reset(const std::vector<Partition>& partitions) {
    for (const Partition partition : partitions) anchors_.erase(partition);
  }
  /// Partitions were restored while there were so many.
  void RestoredAmong(int partitions) { restored_among_ = partitions; }

  struct Watched {
    std::vector<Partition> assigned;
    std::vector<Partition> restoring;         ///< Of those.
    Standing standing;                        ///< Now,
    std::map<Partition, ReadPosition> first;  ///< and when the positions were first told.
  };
  /// Of the partitions that could be looked up.
  [[nodiscard]] std::vector<LogBounds> Look(LogReader& reader, const Watched& watched,
                                            const NewDeadline& deadline);

  [[nodiscard]] const TopicView& view() const { return view_; }

 private:
  void LookAtGroup(LogReader& reader, const Watched& watched, const NewDeadline& deadline);
  [[nodiscard]] std::vector<LogBounds> LookAtLogs(LogReader& reader, const Watched& watched,
                                                  const NewDeadline& deadline);

  std::string callbacks_;
  std::map<Partition, common::OffsetWitness> anchors_;  ///< The last ones read by the last look.
  std::optional<int> restored_among_;
  int partitions_ = 0;          ///< When they were counted last,
  CommittedOffsets committed_;  ///< with the offsets of all of them.
  TopicView view_;
  bool is_group_due_ = true;
};

}  // namespace consumer
