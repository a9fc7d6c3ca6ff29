#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "consumer/kafka/log_survey.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Looks every few seconds whether the logs of `callbacks` are still those that were read.
///
/// A record that was read since the last look may have come from another log already, so the last
/// one of the look before is looked at: it was read from the log that was there then. At the first
/// look it is the first one that was told.
///
/// Threads: confined to one.
class TopicWatch {
 public:
  explicit TopicWatch(std::string callbacks) : callbacks_(std::move(callbacks)) {}

  /// What is watched begins anew.
  void Reset() { anchors_.clear(); }

  struct Watched {
    std::vector<Partition> assigned;
    std::vector<Partition> restoring;              ///< Of those.
    std::map<Partition, ReadPosition> positions;  ///< Of those that are read, now,
    std::map<Partition, ReadPosition> first;      ///< and when they were first told.
  };
  /// The partitions that could be looked up.
  [[nodiscard]] std::vector<LogBounds> Look(LogReader& reader, const Watched& watched,
                                            const std::function<common::Deadline()>& deadline);

 private:
  std::string callbacks_;
  std::map<Partition, common::OffsetWitness> anchors_;  ///< The last ones read by the last look.
};

}  // namespace consumer
