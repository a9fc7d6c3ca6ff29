#include "consumer/kafka/log_cursor.h"

#include <algorithm>

namespace consumer {

std::optional<Offset> LogCursor::Begin() {
  if (state_ == State::kInDoubt) return std::nullopt;
  const auto& witness = position_.last;
  took_at_.reset();
  has_moved_ = false;
  if (!witness || state_ == State::kConfirmed) {
    state_ = State::kReading;
    return position_.next;
  }
  const bool is_far = position_.next - witness->offset > kMostReadAgain;
  state_ = is_far ? State::kInDoubt : State::kAwaiting;
  return is_far ? std::nullopt : std::optional(witness->offset);
}

bool LogCursor::Accept(const common::OffsetWitness& record, TimePoint now) {
  const auto since = now - took_at_.value_or(now);
  took_at_ = now;
  if (state_ == State::kAwaiting) {
    state_ = record == position_.last ? State::kReading : State::kInDoubt;
    return false;
  }
  if (state_ != State::kReading || record.offset < position_.next) return false;
  if (since >= kPause) {
    state_ = has_moved_ ? State::kEnded : State::kInDoubt;
    return false;
  }
  has_moved_ = true;
  position_ = {.next = record.offset + 1, .last = record};
  return true;
}

void LogCursor::Reached(Offset offset) {
  if (state_ == State::kAwaiting) state_ = State::kInDoubt;
  if (state_ == State::kReading) position_.next = std::max(position_.next, offset);
}

}  // namespace consumer
