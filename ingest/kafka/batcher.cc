#include "ingest/kafka/batcher.h"

#include <algorithm>
#include <utility>

namespace ingest {
namespace {

/// How long the timer leaves a due burst to another thread before it looks again.
constexpr std::chrono::milliseconds kPause{1};
/// A thread that offers a record has other work, too: it hands over no further burst after this
/// time.
constexpr std::chrono::milliseconds kLongestStay{1};

}  // namespace

Batcher::Batcher(const BatchBounds& bounds, HandOver hand_over)
    : hand_over_(std::move(hand_over)),
      records_(bounds),
      timer_([this](const std::stop_token& stop) { RunTimer(stop); }) {}

Batcher::~Batcher() { Close(); }

bool Batcher::Offer(CallbackNumber number, common::Envelope envelope, int partitions) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return false;
  const Clock::time_point now = Clock::now();
  records_.Add(number, std::move(envelope), partitions, now);
  HandOverIfDue(lock, now + kLongestStay);
  // A thread that hands over now will look again afterwards.
  const std::optional<Clock::time_point> due = records_.due();
  const bool must_wake_timer =
      !is_handing_over_ && due && timer_wakes_at_ && *due < *timer_wakes_at_;
  if (must_wake_timer) timer_wakes_at_.reset();
  lock.unlock();
  if (must_wake_timer) timer_must_look_.notify_one();
  return true;
}

/// Unlocks during the hand-over. Begins none after `until`.
void Batcher::HandOverIfDue(std::unique_lock<std::mutex>& lock, Clock::time_point until) {
  if (is_handing_over_) return;
  auto now = Clock::now();
  while (records_.IsDue(is_closed_ ? Clock::time_point::max() : now)) {
    is_handing_over_ = true;
    Burst burst = records_.Take();
    lock.unlock();
    const std::size_t not_taken = hand_over_(burst);
    burst = {};  // Freed without the lock.
    lock.lock();
    records_.Settled(not_taken);
    is_handing_over_ = false;
    now = Clock::now();
    if (now > until && !is_closed_) return;
  }
  if (is_closed_) handed_over_.notify_all();
}

void Batcher::Sent(std::size_t records) {
  const std::lock_guard lock(mutex_);
  records_.Sent(records);
}

void Batcher::Settled(std::size_t records) {
  const std::lock_guard lock(mutex_);
  records_.Settled(records);
}

void Batcher::Close() {
  timer_ = {};
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  HandOverIfDue(lock, Clock::time_point::max());
  handed_over_.wait(lock, [this] { return !is_handing_over_; });
}

void Batcher::RunTimer(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    HandOverIfDue(lock, Clock::time_point::max());
    // If another thread hands over, it looks for a due burst by itself.
    const auto soonest = Clock::now() + (is_handing_over_ ? kPause : std::chrono::milliseconds(0));
    const auto wakes_at = std::max(records_.due().value_or(Clock::time_point::max()), soonest);
    timer_wakes_at_ = wakes_at;
    timer_must_look_.wait_until(lock, stop, wakes_at, [this] { return !timer_wakes_at_; });
    timer_wakes_at_.reset();
  }
}

}  // namespace ingest
