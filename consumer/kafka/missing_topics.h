#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/kafka/topic_check.h"

namespace consumer {

/// When a topic that seems to be missing is taken to be: a broker that has just come up may not
/// have heard of every topic, and asking again goes to another one.
class MissingTopics {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kTrueAfter{5};  ///< Of looks that all miss one.

  /// Whether what a look at `now` found is to be acted on; if not, look again soon.
  [[nodiscard]] bool AreCertain(const std::vector<common::kafka::TopicFinding>& findings,
                                Time now) {
    const bool is_missing = std::ranges::any_of(findings, [](const auto& finding) {
      return finding.fault == common::kafka::TopicFault::kMissing;
    });
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

}  // namespace consumer
