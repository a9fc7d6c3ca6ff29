#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/domain/topics.h"

namespace ctl {

/// Decides whether partitions can be added now.
struct RaiseFacts {
  std::map<std::string, int> counts = {};  ///< Partitions by topic; 0: there is no such topic.
  std::set<int> rests_on = {};             ///< The numbers for which offsets were committed.
  bool has_offsets = false;                ///< The group has committed some.
  std::vector<std::string> members = {};   ///< Of the group.
};

/// Adding partitions to all topics that have the partitions of `callbacks`.
struct RaisePlan {
  int from = 0;  ///< The number on which the markers' places rest.
  int to = 0;
  std::vector<std::string> topics = {};  ///< The topics with fewer, in the order of the work.
  bool is_resumed = false;  ///< `callbacks` has its new number already: its end may have moved on.

  /// Every topic has that number, and the group's offsets were committed for it.
  [[nodiscard]] bool IsDone() const { return from == to && topics.empty(); }
};

/// Why not now, a sentence each.
using RaiseRefusals = std::vector<std::string>;

/// Pure.
/// Errors: kReject if there are more partitions than `to` already: Kafka cannot remove any.
[[nodiscard]] common::Result<std::variant<RaisePlan, RaiseRefusals>> PlanRaise(
    const common::TopicNames& names, const RaiseFacts& facts, int to);

}  // namespace ctl
