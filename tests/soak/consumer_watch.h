#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/soak/run.h"

namespace soak {

/// What consumer holds, once a second, by part of the run.
class ConsumerWatch {
 public:
  struct Sample {
    std::string part;
    double resident_kib = 0;  ///< Without what is only a view of files.
    double pending = 0;       ///< In hand.
    double lag = 0;           ///< Not read.
    double in_flight = 0;
    double limit = 0;  ///< Of concurrency.
    double breaker_open = 0;

    [[nodiscard]] double backlog() const { return lag + pending; }
  };

  explicit ConsumerWatch(Run& run) : run_(run) {}

  /// What is seen from now on belongs to that part. `text` is for people.
  void Enter(const std::string& part, const std::string& text);

  /// The time passes, and is watched.
  void Rest(std::chrono::milliseconds time);
  /// Until no more than `backlog` is left; returns how long it took.
  std::chrono::milliseconds AwaitBacklog(double backlog);

  /// The last one that was seen.
  [[nodiscard]] const Sample& last() const { return samples_.back(); }

  using Field = double Sample::*;
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

 private:
  /// At most once a second.
  void Look();

  Run& run_;
  std::string part_;
  std::chrono::steady_clock::time_point next_{};
  std::vector<Sample> samples_;
};

/// The largest value of a part, in that share (in percent) of its samples.
[[nodiscard]] double MostOf(const std::vector<ConsumerWatch::Sample>& samples,
                            const std::string& part, ConsumerWatch::Field field, std::size_t from,
                            std::size_t to);

}  // namespace soak
