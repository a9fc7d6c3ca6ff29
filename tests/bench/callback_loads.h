#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/bench/measured_ingest.h"

namespace bench {

/// Loads of callbacks on one topic. Each load notes the ids of the acknowledged callbacks.
class CallbackLoads {
 public:
  using Arguments = std::vector<std::string>;

  CallbackLoads(Bench& bench, const std::string& name, Target target);

  /// Sends callbacks to ingest.
  void MeasureCallbacks(const std::string& series, const MeasuredIngest& ingest, double seconds,
                        const Arguments& more);
  /// Starts the same load and returns at once, for concurrent loads. See Bench::CollectFrom().
  [[nodiscard]] std::unique_ptr<tests::Process> BeginCallbacks(const MeasuredIngest& ingest,
                                                               double seconds,
                                                               const Arguments& more);
  /// The same for requests that are not to be stored, whose ids are not noted.
  [[nodiscard]] static std::unique_ptr<tests::Process> BeginFlood(const MeasuredIngest& ingest,
                                                                  double seconds,
                                                                  const Arguments& more);
  /// Produces the same records with librdkafka alone and ingest's settings.
  void MeasureProduced(const std::string& series, double seconds, const Arguments& more);

  struct Verified {
    std::int64_t acknowledged = 0;
    std::int64_t missing = 0;  ///< Acknowledged, but not on the topic.
  };
  /// Looks for all acknowledged callbacks on the topic, and removes the notes.
  [[nodiscard]] Verified Verify();

 private:
  [[nodiscard]] Arguments WithIds(double seconds, const Arguments& more);

  Bench& bench_;
  Target target_;
  std::filesystem::path ids_;
};

}  // namespace bench
