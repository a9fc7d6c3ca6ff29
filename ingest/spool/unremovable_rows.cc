#include "ingest/spool/unremovable_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ingest {
namespace {

constexpr std::size_t kGrowth = 8;

}  // namespace

void UnremovableRows::Insert(std::int64_t sequence) {
  rows_.Insert(sequence);
  tried_.Erase({.from = sequence, .to = sequence});
}

void UnremovableRows::Removed(const SequenceRange& range) {
  const std::size_t before = tried_.size();
  tried_.Erase(range);
  has_removed_ |= tried_.size() < before;
}

void UnremovableRows::Erase(const SequenceRange& range) {
  rows_.Erase(range);
  tried_.Erase(range);
}

void UnremovableRows::PlanNext(TimePoint now) {
  if (std::exchange(has_removed_, false)) {
    sample_size_ *= kGrowth;
    wait_ = kFirstWait;
    due_at_ = now;
  } else {
    sample_size_ = kFirstSample;
    due_at_ = now + wait_;
    wait_ = std::min<std::chrono::seconds>(2 * wait_, kLongestWait);
  }
}

SequenceSet UnremovableRows::TakeDue(TimePoint now) {
  if (!tried_.empty()) return {};
  if (rows_.empty()) {
    wait_ = kFirstWait;
    has_removed_ = false;
    due_at_.reset();
    return {};
  }
  if (!due_at_) PlanNext(now);
  if (now < *due_at_) return {};
  due_at_.reset();
  std::vector<SequenceRange> sample = rows_.First(sample_size_, next_);
  if (sample.empty()) sample = rows_.First(sample_size_);
  for (const SequenceRange& range : sample) {
    for (std::int64_t at = range.from; at <= range.to; ++at) tried_.Insert(at);
    rows_.Erase(range);
  }
  next_ = sample.back().to + 1;
  return tried_;
}

}  // namespace ingest
