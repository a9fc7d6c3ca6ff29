#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/base/deadline.h"

namespace common::tracing {

struct CollectorReply {
  int status = 0;      ///< 0: no answer.
  std::string body{};  ///< Its beginning, if it is long.
  std::optional<std::string> retry_after{};
  std::string error{};  ///< Without an answer: why. For people; contains no secret.
};

/// Receives the exported spans, one request after the other.
class Collector {
 public:
  virtual ~Collector() = default;
  /// Threads: the exporter's. Time: blocks, at most for the configured timeout.
  virtual CollectorReply Post(const std::string& body) = 0;
  /// The request under way and all later ones end by then, without an answer if need be.
  /// Threads: any.
  virtual void EndBy(Deadline deadline) = 0;
};

}  // namespace common::tracing
