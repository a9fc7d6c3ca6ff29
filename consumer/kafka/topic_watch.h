#pragma once

#include <cstdint>
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

/// The unread offsets of these partitions. None: one of them was not looked up completely.
[[nodiscard]] std::optional<std::int64_t> LagOf(const std::vector<Partition>& partitions,
                                                const CommittedOffsets& committed,
                                                const Offsets& begins, const Offsets& ends);

/// Checks every few seconds that the logs of `callbacks` are still those that were read, that their
/// number is unchanged, and that each has a reader.
///
/// A record read since the last look may already come from another log. So a look checks the last
/// record of the previous look, which was read from the log of that time; the first look checks the
/// first reported record. It also checks the last record before each pause since then.
///
/// Threads: confined to one.
class TopicWatch {
 public:
  using NewDeadline = std::function<common::Deadline()>;

  explicit TopicWatch(std::string callbacks) : callbacks_(std::move(callbacks)) {}

  /// The number of partitions; none if the look-up failed. view().change is set if committed
  /// offsets are based on another number.
  [[nodiscard]] std::optional<int> CountPartitions(LogReader& reader, const NewDeadline& deadline);

  /// A restore begins: starts watching anew, all partitions or these. A new assignment rests on the
  /// committed offsets alone: the topic may have been raised meanwhile, with everything handled.
  void Reset() {
    anchors_.clear();
    restored_among_.reset();
  }
  void Reset(const std::vector<Partition>& partitions) {
    for (const Partition partition : partitions) anchors_.erase(partition);
  }
  /// The partition count at the time of a restore.
  void SetRestoredCount(int partitions) { restored_among_ = partitions; }

  struct Watched {
    std::vector<Partition> assigned;
    std::vector<Partition> restoring;         ///< Of those.
    Standing standing;                        ///< Now.
    std::map<Partition, ReadPosition> first;  ///< When each position was first reported.
  };
  /// Returns the partitions that could be looked up.
  [[nodiscard]] std::vector<LogBounds> Look(LogReader& reader, const Watched& watched,
                                            const NewDeadline& deadline);

  [[nodiscard]] const TopicView& view() const { return view_; }

 private:
  void LookAtGroup(LogReader& reader, const Watched& watched, const NewDeadline& deadline);
  [[nodiscard]] std::vector<LogBounds> LookAtLogs(LogReader& reader, const Watched& watched,
                                                  const NewDeadline& deadline);

  std::string callbacks_;
  /// The last record read at the previous look.
  std::map<Partition, common::OffsetWitness> anchors_;
  std::optional<int> restored_among_;
  int partitions_ = 0;          ///< At the last count.
  CommittedOffsets committed_;  ///< Of all partitions, at the last count.
  TopicView view_;
  bool is_group_due_ = true;
};

}  // namespace consumer
