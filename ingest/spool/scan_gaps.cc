#include "ingest/spool/scan_gaps.h"

#include <algorithm>

namespace ingest {
namespace {

constexpr std::size_t kMostTroubles = 1000;
constexpr int kMostDoublings = 16;

}  // namespace

ScanGaps::Range ScanGaps::Next(std::int64_t from, std::int64_t last) {
  const Gap* const gap = Find(from);
  at_ = gap == nullptr ? from : gap->range.to + 1;
  last_ = last;
  Range range{.from = at_, .to = last};
  const Trouble* const trouble = TroubleAt(at_);
  is_trial_ = trouble != nullptr && trouble->phase == Phase::kProbing && MayProbe(*trouble);
  const bool leaves = trouble != nullptr && trouble->phase == Phase::kLeaving && MayProbe(*trouble);
  if (is_trial_ || leaves) range.from += trouble->step;
  const auto next =
      std::ranges::find_if(gaps_, [&](const Gap& later) { return later.range.from > range.from; });
  if (next != gaps_.end()) range.to = std::min(range.to, next->range.from - 1);
  return range;
}

std::int64_t ScanGaps::Passed(const Range& range, const Reading& reading, TimePoint now) {
  is_probing_ = false;
  if (range.from > range.to) return range.to;
  if (reading.has_failed && reading.passed < range.from) {
    Trouble* trouble = TroubleAt(at_);
    if (trouble == nullptr) {
      if (troubles_.size() >= kMostTroubles) troubles_.erase(troubles_.begin());
      trouble = &troubles_.emplace_back(Trouble{.at = at_});
    }
    Failed(*trouble);
    return at_ - 1;
  }
  if (is_trial_) {
    TroubleAt(at_)->phase = Phase::kConfirming;
    return at_ - 1;
  }
  if (range.from > at_) {
    Add({.range = {.from = at_, .to = range.from - 1}, .not_before = now + kUntilHalves});
  }
  std::erase_if(troubles_, [&](const Trouble& trouble) {
    return trouble.at >= at_ && trouble.at <= reading.passed;
  });
  return reading.passed;
}

void ScanGaps::Failed(Trouble& trouble) {
  ++trouble.failures;
  bool has_tried_all = false;
  switch (trouble.phase) {
    case Phase::kWaiting:
      if (trouble.failures >= (gaps_.empty() ? kPatience : 1)) trouble.phase = Phase::kProbing;
      break;
    case Phase::kProbing: {
      // Includes the end; after it, probing starts over.
      const std::int64_t longest = last_ - trouble.at;
      has_tried_all = trouble.step >= longest;
      trouble.step = has_tried_all ? 1 : std::min(2 * trouble.step, longest);
      break;
    }
    case Phase::kConfirming:
      trouble.phase = Phase::kLeaving;
      break;
    case Phase::kLeaving:
      trouble.phase = Phase::kProbing;
      break;
  }
  is_probing_ = trouble.phase != Phase::kWaiting && MayProbe(trouble) && !has_tried_all;
}

std::optional<ScanGaps::Range> ScanGaps::Due(TimePoint now) const {
  const Gap* due = nullptr;
  // The smallest first, so that a halved gap is finished before another one begins.
  const auto size_of = [](const Gap& gap) { return gap.range.to - gap.range.from; };
  for (const Gap& gap : gaps_) {
    if (gap.not_before > now) continue;
    if (due == nullptr || size_of(gap) < size_of(*due)) due = &gap;
  }
  return due == nullptr ? std::nullopt : std::optional(due->range);
}

void ScanGaps::PassedGap(const Range& range, const Reading& reading, TimePoint now) {
  const auto found = std::ranges::find(gaps_, range, &Gap::range);
  if (found == gaps_.end()) return;
  Gap gap = *found;
  gaps_.erase(found);
  if (!reading.has_failed && reading.passed >= range.to) return;
  if (!reading.has_failed || reading.passed >= range.from) {
    gap.range.from = reading.passed + 1;
    gap.failures = 0;
    gap.not_before = now + kUntilHalves;
    Add(gap);
  } else if (gap.is_settled || range.from == range.to) {
    Settle(gap, now);
  } else if (gaps_.size() >= kEnoughToHalve) {
    gap.not_before = now + kFirstWait;
    Add(gap);
  } else {
    const std::int64_t middle = range.from + (range.to - range.from) / 2;
    Add({.range = {.from = range.from, .to = middle}, .not_before = now + kUntilHalves});
    Add({.range = {.from = middle + 1, .to = range.to}, .not_before = now + kUntilHalves});
  }
}

/// Merges the gap with settled neighbours: together they are one place.
void ScanGaps::Settle(Gap gap, TimePoint now) {
  for (auto next = gaps_.begin(); next != gaps_.end();) {
    const bool is_neighbour =
        next->range.to + 1 == gap.range.from || gap.range.to + 1 == next->range.from;
    if (next->is_settled && is_neighbour) {
      gap.range = {.from = std::min(gap.range.from, next->range.from),
                   .to = std::max(gap.range.to, next->range.to)};
      gap.failures = std::max(gap.failures, next->failures);
      next = gaps_.erase(next);
    } else {
      ++next;
    }
  }
  // A gap that has just joined does not make the others wait longer.
  if (gap.is_settled || gap.failures == 0) ++gap.failures;
  gap.is_settled = true;
  const std::chrono::seconds wait = kFirstWait * (1 << std::min(gap.failures - 1, kMostDoublings));
  gap.not_before = now + std::min(wait, kLongestWait);
  Add(gap);
}

void ScanGaps::Add(const Gap& gap) {
  const auto behind = std::ranges::find_if(
      gaps_, [&](const Gap& other) { return other.range.from > gap.range.from; });
  gaps_.insert(behind, gap);
}

const ScanGaps::Gap* ScanGaps::Find(std::int64_t sequence) const {
  // Adjacent gaps count as one for the caller that skips them.
  const Gap* found = nullptr;
  for (const Gap& gap : gaps_) {
    const std::int64_t at = found == nullptr ? sequence : found->range.to + 1;
    if (gap.range.from <= at && at <= gap.range.to) found = &gap;
  }
  return found;
}

ScanGaps::Trouble* ScanGaps::TroubleAt(std::int64_t at) {
  const auto found = std::ranges::find(troubles_, at, &Trouble::at);
  return found == troubles_.end() ? nullptr : &*found;
}

bool ScanGaps::MayProbe(const Trouble& trouble) const {
  return trouble.at + trouble.step <= last_ && gaps_.size() < kMost;
}

}  // namespace ingest
