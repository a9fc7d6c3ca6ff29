#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/soak/run.h"

namespace soak {

/// What Kafka has forgotten to end, and what waits for it.
struct Hanging {
  /// A partition that a transaction keeps from being read to its end.
  struct Open {
    std::string topic;
    int partition = 0;
  };
  std::vector<Open> open;
  std::set<int> stuck;  ///< Partitions whose restore does not come to its end.

  [[nodiscard]] bool IsNothing() const { return open.empty() && stuck.empty(); }
  /// The numbers of all of them.
  [[nodiscard]] std::set<int> Partitions() const;
  /// "processes:3 callbacks.seen:3 stuck: 3"
  [[nodiscard]] std::string ToText() const;
};

[[nodiscard]] Hanging FindHanging(tests::Pipeline& pipeline);

/// The operator's one command: sluicectl transactions end.
void EndTransactions(Run& run, const Hanging& hanging);

}  // namespace soak
