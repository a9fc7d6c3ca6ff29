#include "ingest/kafka/batcher.h"

#include <algorithm>
#include <utility>

namespace ingest {
namespace {

/// How long the timer leaves a due burst to another thread before it looks again.
constexpr std::chrono::milliseconds kPause{1};

}  // namespace

Batcher::Batcher(const BatchBounds& bounds, HandOver hand_over)
    : hand_over_(std::move(hand_over)),
      records_(bounds),
      timer_([this](const std::stop_token& stop) { RunTimer(stop); }) {}

Batcher::~Batcher() { Close(); }

bool Batcher::Offer(CallbackNumber number, common::Envelope envelope, int partitions) {
  std::unique_lock lock(mutex_);
  if (is_closed_) return false;
  records_.Add(number, std::move(envelope), partitions, Clock::now());
  HandOverIfDue(lock);
  const std::optional<Clock::time_point> due = records_.due();
  const bool must_wake_timer = due && timer_wakes_at_ && *due < *timer_wakes_at_;
  if (must_wake_timer) timer_wakes_at_.reset();
  lock.unlock();
  if (must_wake_timer) timer_must_look_.notify_one();
  return true;
}

/// Unlocks during the hand-over.
void Batcher::HandOverIfDue(std::unique_lock<std::mutex>& lock) {
  if (is_handing_over_) return;
  while (records_.IsDue(is_closed_ ? Clock::time_point::max() : Clock::now())) {
    is_handing_over_ = true;
    const Burst burst = records_.Take();
    lock.unlock();
    const std::size_t not_taken = hand_over_(burst);
    lock.lock();
    records_.Settled(not_taken);
    is_handing_over_ = false;
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
  HandOverIfDue(lock);
  handed_over_.wait(lock, [this] { return !is_handing_over_; });
}

void Batcher::RunTimer(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    HandOverIfDue(lock);
    // If another thread hands over, it looks for a due burst by itself.
    const auto soonest = Clock::now() + (is_handing_over_ ? kPause : std::chrono::milliseconds(0));
    timer_wakes_at_ = std::max(records_.due().value_or(Clock::time_point::max()), soonest);
    timer_must_look_.wait_until(lock, stop, *timer_wakes_at_, [this] { return !timer_wakes_at_; });
    timer_wakes_at_.reset();
  }
}

}  // namespace ingest
