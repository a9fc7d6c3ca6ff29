#pragma once

#include <chrono>
#include <deque>

namespace consumer {

/// Tells an instance that was fenced once (by an operator's tool, or after a broker outage) from
/// one whose transactional id or member name another program also uses: those two fence each other
/// for ever.
///
/// Threads: confined to the lane. Time: an argument.
class FencingWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kTimes = 3;

  explicit FencingWatch(std::chrono::minutes within) : within_(within) {}

  /// The group rebalanced: the fenced producer may have been a predecessor's.
  void Rebalanced() { fenced_at_.clear(); }

  /// Ending a transaction that Kafka forgot needs a producer of the same name.
  void FencedByOurselves() { fenced_at_.clear(); }

  /// Records a fencing. True if it is one too many.
  [[nodiscard]] bool Fenced(TimePoint now) {
    fenced_at_.push_back(now);
    while (now - fenced_at_.front() > within_) fenced_at_.pop_front();
    return fenced_at_.size() >= kTimes;
  }

 private:
  std::chrono::minutes within_;
  std::deque<TimePoint> fenced_at_;
};

}  // namespace consumer
