#pragma once

#include <chrono>
#include <deque>

namespace consumer {

/// Tells an instance that was replaced once (a broker that was away, an operator's tool) from one
/// whose transactional id, or member's name, another program uses as well: those two fence each
/// other for ever.
///
/// Threads: confined to the lane. Time: an argument.
class FencingWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kTimes = 3;
  static constexpr std::chrono::minutes kWithin{5};

  /// The group has assigned or revoked: who was fenced may have been a predecessor.
  void Rebalanced() { fenced_at_.clear(); }

  /// To end a transaction that Kafka forgot takes a producer of the same name.
  void FencedByOurselves() { fenced_at_.clear(); }

  /// The producer was fenced. True if that is once too often.
  [[nodiscard]] bool Fenced(TimePoint now) {
    fenced_at_.push_back(now);
    while (now - fenced_at_.front() > kWithin) fenced_at_.pop_front();
    return fenced_at_.size() >= kTimes;
  }

 private:
  std::deque<TimePoint> fenced_at_;
};

}  // namespace consumer
