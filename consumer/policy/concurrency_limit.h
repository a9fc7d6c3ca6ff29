#pragma once

#include <chrono>

namespace consumer {

/// How many requests may be in flight: additive increase, multiplicative decrease.
///
///   success    limit < threshold: + 1     "slow start": doubles each round trip
///              otherwise:         + 1/limit          one more each round trip
///   congestion limit = threshold = limit / 2
///   outage     threshold = limit / 2, limit = 1
///
/// Stays between 1 and the ceiling. Only a limit in use is raised. A request that started before
/// the last decrease reflects the old limit and does not decrease it again.
class ConcurrencyLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr int kStart = 8;

  explicit ConcurrencyLimit(int ceiling);

  [[nodiscard]] int limit() const { return static_cast<int>(limit_); }

  /// `in_flight` counts the request that succeeded.
  void Succeeded(int in_flight);
  void Congested(TimePoint request_started, TimePoint now);
  /// The host was unavailable: starts again with one request.
  void Restart();

 private:
  double ceiling_;
  double limit_;
  double threshold_;
  TimePoint decreased_at_ = TimePoint::min();
};

}  // namespace consumer
