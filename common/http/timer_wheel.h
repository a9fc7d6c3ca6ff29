#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace common::http {

/// One deadline that can be moved at any time, linked into the wheel without allocation.
class Timer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() { Unlink(); }

  /// Called by TimerWheel::Advance once the deadline has passed; the timer is then disarmed. It may
  /// schedule itself again. It must not be destroyed by this call.
  virtual void OnTimer(TimePoint now) = 0;

 private:
  friend class TimerWheel;

  struct Link {
    Link* previous = nullptr;
    Link* next = nullptr;
    Timer* owner = nullptr;
  };
  void Unlink() {
    if (link_.next == nullptr) return;
    link_.previous->next = link_.next;
    link_.next->previous = link_.previous;
    link_.next = link_.previous = nullptr;
  }

  Link link_;
  long slot_tick_ = 0;
  TimePoint due_{};
};

/// Deadlines of many connections; moving one is O(1), and later is free: an entry stays in its
/// slot and is put off when that slot comes up.
///
/// Time:     reads no clock. Fires up to one resolution late, never early.
/// Lifetime: must outlive its timers, or be left by them first.
class TimerWheel {
 public:
  using TimePoint = Timer::TimePoint;

  TimerWheel(TimePoint start, std::chrono::milliseconds resolution);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  void Schedule(Timer& timer, TimePoint due);

  /// Fires every timer whose deadline is not after `now`.
  void Advance(TimePoint now);

 private:
  using Link = Timer::Link;

  [[nodiscard]] long TickOf(TimePoint due) const;
  void Insert(Timer& timer, long tick);

  TimePoint start_;
  std::chrono::steady_clock::duration resolution_;
  long current_ = 0;  // the last tick that was fired
  std::vector<Link> slots_;
};

}  // namespace common::http
