#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace consumer {

/// Decides whether open connections may be reused. libcurl keeps an HTTP/2 connection after a
/// request on it times out, and sends the next request on it, even if the other end has gone
/// silent.
///
///   a request times out on a connection that delivered nothing during the whole request
///     ──► requests use new connections until all earlier requests have ended
///     ──► the silent connection is idle then, and too old to be reused
///
/// Identifies connections by their number in the socket table; 0: none.
/// Time: an argument, never going back.
class ConnectionTrust {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Answered(std::uint64_t connection, TimePoint now) {
    heard_at_[connection] = now;
    if (heard_at_.size() < forget_at_) return;
    std::erase_if(heard_at_,
                  [&](const auto& entry) { return now - entry.second > kLongestRequest; });
    forget_at_ = std::max(kFewConnections, 2 * heard_at_.size());
  }
  void TimedOut(std::uint64_t connection, TimePoint started, TimePoint now) {
    const auto heard = heard_at_.find(connection);
    const bool was_silent = heard == heard_at_.end() || heard->second < started;
    if (connection > 0 && was_silent) distrusted_before_ = now;
  }

  /// False implies that MustBeNew() is false for any requests in flight.
  [[nodiscard]] bool IsInDoubt(TimePoint now) const {
    return distrusted_before_ != TimePoint::min() && now - distrusted_before_ < kLongestRequest;
  }
  /// `oldest`: the start of the oldest request in flight.
  [[nodiscard]] bool MustBeNew(TimePoint oldest) const { return oldest < distrusted_before_; }
  /// The maximum age of a connection for reuse; zero: any age.
  [[nodiscard]] std::chrono::seconds MaxAge(TimePoint now) const {
    if (distrusted_before_ == TimePoint::min()) return std::chrono::seconds(0);
    const auto since = std::chrono::floor<std::chrono::seconds>(now - distrusted_before_);
    return std::max(since, std::chrono::seconds(1));
  }

 private:
  static constexpr std::chrono::minutes kLongestRequest{5};
  static constexpr std::size_t kFewConnections = 1'000;

  std::unordered_map<std::uint64_t, TimePoint> heard_at_;  ///< Of the last minutes at least.
  std::size_t forget_at_ = kFewConnections;
  TimePoint distrusted_before_ = TimePoint::min();
};

}  // namespace consumer
