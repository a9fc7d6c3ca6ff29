#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/soak/run.h"

namespace soak {

/// Samples consumer's state once a second, by phase of the run.
class ConsumerWatch {
 public:
  struct Sample {
    std::string part;
    double resident_kib = 0;  ///< Without file-backed pages.
    double pending = 0;       ///< Callbacks in hand.
    double lag = 0;           ///< Unread records.
    double in_flight = 0;
    double limit = 0;  ///< Concurrency limit.
    double breaker_open = 0;

    [[nodiscard]] double backlog() const { return lag + pending; }
  };

  explicit ConsumerWatch(Run& run) : run_(run) {}

  /// Later samples belong to this phase. `text` is printed.
  void Enter(const std::string& part, const std::string& text);

  /// Waits, and keeps sampling.
  void Rest(std::chrono::milliseconds time);
  /// Waits until at most `backlog` is left. Returns the time that it took.
  std::chrono::milliseconds AwaitBacklog(double backlog);

  /// The latest sample.
  [[nodiscard]] const Sample& last() const { return samples_.back(); }

  using Field = double Sample::*;
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

 private:
  /// Samples at most once a second.
  void Look();

  Run& run_;
  std::string part_;
  std::chrono::steady_clock::time_point next_{};
  std::vector<Sample> samples_;
};

/// The largest value within a phase, in the given share (in percent) of its samples.
[[nodiscard]] double MostOf(const std::vector<ConsumerWatch::Sample>& samples,
                            const std::string& part, ConsumerWatch::Field field, std::size_t from,
                            std::size_t to);

}  // namespace soak
