#pragma once

#include <chrono>
#include <optional>

#include "common/base/backoff.h"

namespace common::tracing {

/// The fate of spans: the label `result` of sluice_…_spans_total.
enum class ExportResult {
  kSent,     ///< The collector has taken them.
  kDropped,  ///< There was no room in the queue.
  kRefused,  ///< The collector does not want them, and never will.
  kFailed,   ///< The collector did not take them in time.
};

enum class ExportVerdict { kSent, kRetry, kRefused };

/// By OTLP/HTTP: 429, 502, 503 and 504 may be tried again, and so may what got no answer (0); no
/// other failure may.
[[nodiscard]] constexpr ExportVerdict JudgeExport(int status) {
  if (status >= 200 && status < 300) return ExportVerdict::kSent;
  const bool is_passing =
      status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
  return is_passing ? ExportVerdict::kRetry : ExportVerdict::kRefused;
}

struct ExportRetry {
  int attempts = 5;  ///< Of one batch.
  Backoff backoff{.base = std::chrono::seconds(1), .cap = std::chrono::seconds(30)};

  /// The wait before the next attempt after `failed` ones; none: give up. A Retry-After replaces
  /// the backoff.
  [[nodiscard]] std::optional<std::chrono::milliseconds> Wait(
      int failed, std::optional<std::chrono::milliseconds> retry_after, double unit_random) const {
    if (failed >= attempts) return std::nullopt;
    return retry_after ? *retry_after : backoff.Delay(failed - 1, unit_random);
  }
};

}  // namespace common::tracing
