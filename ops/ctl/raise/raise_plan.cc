#include "ops/ctl/raise/raise_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ops/ctl/shell/arguments.h"

namespace ctl {
namespace {

using common::Result;

std::string Partitions(int count) {
  return std::to_string(count) + (count == 1 ? " partition" : " partitions");
}

/// The number on which the markers' places rest. None: the offsets name several, or none.
std::optional<int> NumberBefore(const RaiseFacts& facts, int callbacks, int to) {
  std::set<int> others = facts.rests_on;
  others.erase(to);
  if (others.size() > 1) return std::nullopt;
  if (!others.empty()) return *others.begin();
  if (callbacks != to || !facts.has_offsets || facts.rests_on.contains(to)) return callbacks;
  return std::nullopt;
}

std::string WhyNumberIsUnknown(const RaiseFacts& facts, const std::string& callbacks, int to) {
  if (facts.rests_on.empty()) {
    return callbacks + " has " + Partitions(to) +
           ", and the group's offsets do not say for how many they were committed";
  }
  std::string numbers;
  for (const int number : facts.rests_on) {
    numbers += (numbers.empty() ? "" : " and ") + std::to_string(number);
  }
  return "the group's offsets were committed for different numbers of partitions: " + numbers;
}

void AddRefusals(const common::TopicNames& names, const RaiseFacts& facts, const RaisePlan& plan,
                 RaiseRefusals& refusals) {
  const int callbacks = facts.counts.at(names.callbacks);
  if (callbacks != plan.from && callbacks != plan.to) {
    refusals.push_back(names.callbacks + " has " + Partitions(callbacks) +
                       ", but the group's offsets were committed for " + std::to_string(plan.from) +
                       ": raise to " + std::to_string(callbacks) + " first");
  }
  for (const auto& [topic, count] : facts.counts) {
    if (count > plan.to) {
      refusals.push_back(topic + " has " + Partitions(count) + " already");
    }
  }
}

}  // namespace

Result<std::variant<RaisePlan, RaiseRefusals>> PlanRaise(const common::TopicNames& names,
                                                         const RaiseFacts& facts, int to) {
  RaiseRefusals refusals;
  for (const std::string& topic : {names.callbacks, names.seen, names.processes}) {
    if (facts.counts.at(topic) == 0) refusals.push_back("there is no topic " + topic);
  }
  if (!refusals.empty()) return std::variant<RaisePlan, RaiseRefusals>(std::move(refusals));
  const int callbacks = facts.counts.at(names.callbacks);
  if (to < callbacks) {
    return Reject(names.callbacks + " has " + Partitions(callbacks) +
                  ", and Kafka cannot remove any");
  }

  RaisePlan plan{.to = to, .is_resumed = callbacks == to};
  const std::optional<int> before = NumberBefore(facts, callbacks, to);
  if (!before) {
    refusals.push_back(WhyNumberIsUnknown(facts, names.callbacks, to));
  } else {
    plan.from = *before;
    AddRefusals(names, facts, plan, refusals);
  }
  for (const std::string& topic : {names.seen, names.processes, names.callbacks, names.expected}) {
    const int count = facts.counts.at(topic);
    if (count > 0 && count < to) plan.topics.push_back(topic);
  }
  if (refusals.empty() && plan.IsDone()) return std::variant<RaisePlan, RaiseRefusals>(plan);
  if (!facts.members.empty()) {
    std::string members;
    for (const std::string& member : facts.members) {
      members += (members.empty() ? "" : ", ") + member;
    }
    refusals.push_back("the group has members: " + members +
                       "; stop every consumer, and wait for the end of its session");
  }
  if (!refusals.empty()) return std::variant<RaisePlan, RaiseRefusals>(std::move(refusals));
  return std::variant<RaisePlan, RaiseRefusals>(std::move(plan));
}

}  // namespace ctl
