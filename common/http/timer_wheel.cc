#include "common/http/timer_wheel.h"

#include <algorithm>

namespace common::http {
namespace {

constexpr long kSlots = 1024;  // beyond that many ticks a timer is put off when its slot comes up

}  // namespace

TimerWheel::TimerWheel(TimePoint start, std::chrono::milliseconds resolution)
    : start_(start), resolution_(resolution), slots_(kSlots) {
  for (Link& slot : slots_) slot.previous = slot.next = &slot;
}

/// The first tick at which `due` has passed.
long TimerWheel::TickOf(TimePoint due) const {
  const auto since = due - start_;
  return static_cast<long>((since + resolution_ - std::chrono::steady_clock::duration(1)) /
                           resolution_);
}

void TimerWheel::Schedule(Timer& timer, TimePoint due) {
  timer.due_ = due;
  const long tick = std::clamp(TickOf(due), current_ + 1, current_ + kSlots - 1);
  if (timer.link_.next != nullptr && timer.slot_tick_ <= tick) return;
  timer.Unlink();
  Insert(timer, tick);
}

void TimerWheel::Insert(Timer& timer, long tick) {
  Link& head = slots_[static_cast<std::size_t>(tick % kSlots)];
  timer.slot_tick_ = tick;
  timer.link_ = Link{.previous = head.previous, .next = &head, .owner = &timer};
  head.previous->next = &timer.link_;
  head.previous = &timer.link_;
}

void TimerWheel::Advance(TimePoint now) {
  const long target = static_cast<long>((now - start_) / resolution_);
  while (current_ < target) {
    ++current_;
    Link& head = slots_[static_cast<std::size_t>(current_ % kSlots)];
    while (head.next != &head) {
      Timer& timer = *head.next->owner;
      timer.Unlink();
      if (timer.due_ > now) {
        Schedule(timer, timer.due_);
      } else {
        timer.OnTimer(now);
      }
    }
  }
}

}  // namespace common::http
