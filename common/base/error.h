#pragma once

#include <string>
#include <string_view>

namespace common {

/// What the caller has to do about a failure. Errors are sorted by remedy, not
/// by origin, so that a caller switches over four cases and no more.
enum class Remedy {
  kRetry,   ///< Try the same operation again, after a delay.
  kAbort,   ///< Abort the open transaction, handle the batch again.
  kReject,  ///< The input is at fault. Never retry it.
  kStop,    ///< This instance must exit: fenced, fatal, or misconfigured.
};

struct Error {
  Remedy remedy;
  std::string_view code;  ///< Literal from a closed set. Safe as a metric label.
  std::string detail;     ///< For people. Unbounded, so only ever logged.
};

}  // namespace common
