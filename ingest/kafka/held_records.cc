#include "ingest/kafka/held_records.h"

#include <algorithm>
#include <utility>

namespace ingest {
namespace {

/// So many delays make a window of WaitingPeak. It must outlast a burst and the answers to it; but
/// a sender that went away is waited for in vain until it is over.
constexpr int kDelaysInWindow = 5;

}  // namespace

HeldRecords::HeldRecords(const BatchBounds& bounds)
    : bounds_(bounds), delay_(bounds.max_delay.For(1)), peak_(delay_ * kDelaysInWindow) {}

void HeldRecords::FollowPartitions(std::size_t partitions) {
  const std::chrono::milliseconds delay = bounds_.max_delay.For(partitions);
  if (delay == delay_) return;
  delay_ = delay;
  peak_ = WaitingPeak(delay * kDelaysInWindow);
}

void HeldRecords::Add(CallbackNumber number, common::Envelope envelope, int partitions,
                      TimePoint now) {
  FollowPartitions(static_cast<std::size_t>(partitions));
  const std::size_t bytes = envelope.key.size() + envelope.body.size();
  held_.push_back({.number = number, .envelope = std::move(envelope), .since = now});
  bytes_ += bytes;
  peak_.Note(held_.size() + in_hand_, now);
  const bool is_due = verdict_.must_send;  // And a burst is under way.
  verdict_ = JudgeBatch({.held = held_.size(),
                         .held_bytes = bytes_,
                         .in_hand = in_hand_,
                         .peak = peak_.value(),
                         .partitions = static_cast<std::size_t>(partitions),
                         .is_closed_loop = verdict_.is_closed_loop},
                        bounds_);
  verdict_.must_send |= is_due;
}

std::optional<HeldRecords::TimePoint> HeldRecords::due() const {
  if (held_.empty()) return std::nullopt;
  return held_.front().since + (verdict_.must_send ? std::chrono::milliseconds(0) : delay_);
}

Burst HeldRecords::Take() {
  Burst burst = std::exchange(held_, {});
  held_.reserve(burst.size());
  in_hand_ += burst.size();
  bytes_ = 0;
  verdict_.must_send = false;
  return burst;
}

void HeldRecords::Settled(std::size_t records) { in_hand_ -= std::min(records, in_hand_); }

}  // namespace ingest
