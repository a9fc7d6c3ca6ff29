#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "ops/bench/load_window.h"

namespace bench {

/// Decides when each item of a load is due, and which part of the run is measured.
///
///   |-- warm-up: 0.5 s, or --|-- measured: `seconds`, and until --|-- items in flight finish --|
///       `seconds` if less        something is done                    at most 10 s in all
///
/// Time: an argument. Threads: one at a time.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// `rate` per second, evenly spaced; 0: no limit.
  Pace(double rate, double seconds)
      : begin_(start_ + Seconds(std::min(seconds, 0.5))),
        end_(begin_ + Seconds(seconds)),
        interval_(rate > 0 ? Seconds(1 / rate) : Clock::duration(0)) {}

  /// Takes the next item if it is due, and returns when it was due.
  std::optional<Clock::time_point> Take(Clock::time_point now) {
    if (is_over()) return std::nullopt;
    if (interval_ == Clock::duration(0)) {
      ++count_;
      return now;
    }
    const Clock::time_point due = NextDue();
    if (due > now) return std::nullopt;
    ++count_;
    return due;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// Call once per turn of the loop.
  void Tell(LoadWindow& window, Clock::time_point now) {
    if (!has_begun_ && now >= begin_) {
      window.Begin(now);
      has_begun_ = true;
    }
    if (!has_ended_ && now >= end_ && window.done() > 0) {
      window.End(now);
      has_ended_ = true;
    }
  }
  [[nodiscard]] bool is_over() const { return has_ended_; }
  [[nodiscard]] bool IsTooLate(Clock::time_point now) const {
    return now >= end_ + std::chrono::seconds(10);
  }

  /// The longest wait of a turn. Without room for another item, it does not end when one is due.
  [[nodiscard]] std::chrono::nanoseconds NextTurn(Clock::time_point now, bool has_room) const {
    Clock::time_point next = now + std::chrono::milliseconds(100);
    if (!has_begun_) next = std::min(next, begin_);
    if (!has_ended_ && now < end_) next = std::min(next, end_);
    if (has_room && !is_over() && interval_ > Clock::duration(0)) next = std::min(next, NextDue());
    return std::max(next - now, Clock::duration(0));
  }

 private:
  static Clock::duration Seconds(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  [[nodiscard]] Clock::time_point NextDue() const {
    return start_ + interval_ * static_cast<std::int64_t>(count_);
  }

  const Clock::time_point start_ = Clock::now();
  const Clock::time_point begin_;
  const Clock::time_point end_;
  const Clock::duration interval_;
  std::uint64_t count_ = 0;
  bool has_begun_ = false;
  bool has_ended_ = false;
};

}  // namespace bench
