#pragma once

#include <string>

#include "common/domain/topics.h"
#include "consumer/lane/records.h"
#include "tests/simulation/cluster/protocol.h"

namespace simulation {

/// By the names that the clients are configured with.
[[nodiscard]] inline Topic TopicOf(const std::string& name) {
  const common::TopicNames names;
  if (name == names.callbacks) return Topic::kCallbacks;
  if (name == names.seen) return Topic::kSeen;
  if (name == names.expected) return Topic::kExpected;
  return name == names.processes ? Topic::kProcesses : Topic::kDead;
}

[[nodiscard]] inline Topic TopicOf(consumer::OutgoingTopic topic) {
  switch (topic) {
    case consumer::OutgoingTopic::kProcesses:
      return Topic::kProcesses;
    case consumer::OutgoingTopic::kSeen:
      return Topic::kSeen;
    case consumer::OutgoingTopic::kDead:
      return Topic::kDead;
  }
  return Topic::kDead;
}

}  // namespace simulation
