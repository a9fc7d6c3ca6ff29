#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/harness/deliveries.h"
#include "tests/soak/run.h"

namespace soak {

/// What has become of everything, once nothing happens any more.
struct Settlement {
  tests::Delivered delivered;
  tests::Discrepancy discrepancy;
  std::int64_t stored = 0;  ///< Deliveries on `callbacks`.
  std::int64_t results = 0;
  std::vector<tests::Record> dead;
};

/// Waits until the spool is empty and consumer has handled everything, and compares what was
/// answered 200 with what is on the topics, one by one.
[[nodiscard]] Settlement Settle(Run& run, tests::Delivered delivered);

/// The common verdict: each callback that was answered 200 has one result, and nothing else is
/// there.
void JudgeExactlyOnce(Run& run, const Settlement& settlement);

/// "missing 3 …" becomes a failure with that number in front, if it is not 0.
void FailIfAny(Run& run, std::int64_t count, const std::string& what);

}  // namespace soak
