#pragma once

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace consumer {

/// Whether the connections that are open may still be used. libcurl keeps an HTTP/2
/// connection when a request on it times out, and gives it the next one, even if its other end has
/// stopped talking.
///
///   a request times out on a connection on which nothing came during all its time
///     ──► new connections, until the requests from before have ended and with them the use of it
///     ──► it is idle then, and too old to be used again
///
/// Connections are told apart by their local port.
/// Time: an argument, never going back.
class ConnectionTrust {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Answered(long port, TimePoint now) { heard_at_[port] = now; }
  void TimedOut(long port, TimePoint started, TimePoint now) {
    const auto heard = heard_at_.find(port);
    const bool was_silent = heard == heard_at_.end() || heard->second < started;
    if (port > 0 && was_silent) distrusted_before_ = now;
  }

  /// False if MustBeNew() is, whatever is under way.
  [[nodiscard]] bool IsInDoubt(TimePoint now) const {
    constexpr std::chrono::minutes kLongestRequest{5};
    return distrusted_before_ != TimePoint::min() && now - distrusted_before_ < kLongestRequest;
  }
  /// `oldest`: when the first of the requests under way has started.
  [[nodiscard]] bool MustBeNew(TimePoint oldest) const { return oldest < distrusted_before_; }
  /// How old a connection may be to be used again; zero: any age.
  [[nodiscard]] std::chrono::seconds MaxAge(TimePoint now) const {
    if (distrusted_before_ == TimePoint::min()) return std::chrono::seconds(0);
    const auto since = std::chrono::floor<std::chrono::seconds>(now - distrusted_before_);
    return std::max(since, std::chrono::seconds(1));
  }

 private:
  std::unordered_map<long, TimePoint> heard_at_;  ///< At most one entry a port.
  TimePoint distrusted_before_ = TimePoint::min();
};

}  // namespace consumer
