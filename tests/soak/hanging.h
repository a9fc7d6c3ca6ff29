#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/soak/run.h"

namespace soak {

/// Transactions that Kafka has forgotten to end, and partitions that wait for them.
struct Hanging {
  /// A partition on which an open transaction blocks readers.
  struct Open {
    std::string topic;
    int partition = 0;
  };
  std::vector<Open> open;
  std::set<int> stuck;  ///< Partitions whose restore does not finish.

  [[nodiscard]] bool IsNothing() const { return open.empty() && stuck.empty(); }
  /// The numbers of all these partitions.
  [[nodiscard]] std::set<int> Partitions() const;
  /// "processes:3 callbacks.seen:3 stuck: 3"
  [[nodiscard]] std::string ToText() const;
};

[[nodiscard]] Hanging FindHanging(tests::Pipeline& pipeline);

/// Runs the operator's single command: sluicectl transactions end.
void EndTransactions(Run& run, const Hanging& hanging);

}  // namespace soak
