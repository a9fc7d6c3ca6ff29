#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/harness/deliveries.h"
#include "tests/soak/run.h"

namespace soak {

/// The final state of all callbacks.
struct Settlement {
  tests::Delivered delivered;
  tests::Discrepancy discrepancy;
  std::int64_t stored = 0;  ///< Deliveries on `callbacks`.
  std::int64_t results = 0;
  std::vector<tests::Record> dead;
};

/// Waits until the spool is empty and consumer has handled everything. Compares each callback
/// answered 200 with the topics.
[[nodiscard]] Settlement Settle(Run& run, tests::Delivered delivered);

/// The common verdict: each callback answered 200 has one result, and nothing else exists.
void JudgeExactlyOnce(Run& run, const Settlement& settlement);

/// Fails the run with "COUNT what" unless `count` is 0.
void FailIfAny(Run& run, std::int64_t count, const std::string& what);

}  // namespace soak
