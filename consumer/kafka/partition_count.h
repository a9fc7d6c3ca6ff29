#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "common/base/deadline.h"
#include "consumer/kafka/log_reader.h"

namespace consumer {

/// The number of partitions of a topic that may be made anew, or get more, while consumer runs.
///
/// Threads: confined to one.
class PartitionCount {
 public:
  explicit PartitionCount(std::string topic) : topic_(std::move(topic)) {}

  /// At most kRenewed old; nullopt if it is not known at all. If the brokers do not answer, the
  /// last answer counts.
  [[nodiscard]] std::optional<int> Ask(LogReader& reader, common::Deadline deadline) {
    if (count_ && !renew_at_.HasPassed()) return count_;
    if (const auto count = reader.PartitionsOf(topic_, deadline)) {
      count_ = count;
      renew_at_ = common::Deadline::After(kRenewed);
    }
    return count_;
  }
  /// A look at all partitions has shown these. Others may be gone: the next Ask() finds out.
  void Saw(const OpenPartitions& found) {
    const std::size_t seen = found.clean.size() + found.open.size();
    if (seen < static_cast<std::size_t>(count_.value_or(0))) {
      renew_at_ = common::Deadline::After(std::chrono::milliseconds(0));
    }
  }

 private:
  static constexpr std::chrono::seconds kRenewed{60};

  std::string topic_;
  std::optional<int> count_;
  common::Deadline renew_at_ = common::Deadline::After(std::chrono::milliseconds(0));
};

}  // namespace consumer
