#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/measured_ingest.h"

namespace bench {

/// Loads of callbacks on one topic, each of which notes the ids of what was acknowledged.
class CallbackLoads {
 public:
  using Arguments = std::vector<std::string>;

  CallbackLoads(Bench& bench, const std::string& name, Target target);

  /// Callbacks to ingest.
  void TakeCallbacks(const std::string& series, const MeasuredIngest& ingest, double seconds,
                     const Arguments& more);
  /// The same, only begun: for loads that run at the same time (Bench::TakeFrom).
  [[nodiscard]] std::unique_ptr<tests::Process> BeginCallbacks(const MeasuredIngest& ingest,
                                                               double seconds,
                                                               const Arguments& more);
  /// The same records by librdkafka alone, with ingest's settings.
  void TakeProduced(const std::string& series, double seconds, const Arguments& more);

  struct Verdict {
    std::int64_t acknowledged = 0;
    std::int64_t missing = 0;  ///< Acknowledged, and yet not on the topic.
  };
  /// Looks for all that was acknowledged so far, and removes the notes.
  [[nodiscard]] Verdict Verify();

 private:
  [[nodiscard]] Arguments WithIds(double seconds, const Arguments& more);

  Bench& bench_;
  Target target_;
  std::filesystem::path ids_;
};

}  // namespace bench
