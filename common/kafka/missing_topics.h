#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/kafka/topic_check.h"

namespace common::kafka {

/// Decides when a missing topic is certain: a broker that has just started may not know every topic
/// yet, and the next request goes to another broker.
class MissingTopics {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Of consecutive looks with a missing topic.
  static constexpr std::chrono::seconds kTrueAfter{5};

  /// True if the findings of the look at `now` are certain; otherwise look again soon.
  [[nodiscard]] bool AreCertain(const std::vector<TopicFinding>& findings, Time now) {
    const bool is_missing = std::ranges::any_of(
        findings, [](const auto& finding) { return finding.fault == TopicFault::kMissing; });
    if (!is_missing) {
      since_ = Time::max();
      return true;
    }
    since_ = std::min(since_, now);
    return now - since_ >= kTrueAfter;
  }

 private:
  Time since_ = Time::max();
};

}  // namespace common::kafka
