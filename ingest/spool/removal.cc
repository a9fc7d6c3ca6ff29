#include "ingest/spool/removal.h"

#include <algorithm>
#include <iterator>

#include "common/base/deadline.h"

namespace ingest {
namespace {

/// Rows are removed together, after this time or this number.
constexpr std::chrono::milliseconds kRemoveAfter{50};
constexpr std::size_t kEnough = 500;
/// New callbacks wait for a removal: limits of one commit, and of one call.
constexpr std::size_t kMost = 2000;
constexpr std::chrono::milliseconds kRemovesFor{50};

}  // namespace

void Removal::Add(std::int64_t sequence, TimePoint now) {
  removable_.Insert(sequence);
  ++added_;
  if (has_failed_) return;
  due_at_ = added_ >= kEnough ? now : std::min(due_at_, now + kRemoveAfter);
}

Removal::Removed Removal::Run(SpoolWriter& spool) {
  has_failed_ = false;
  added_ = 0;
  due_at_ = TimePoint::max();
  Removed all;
  const common::Deadline deadline = common::Deadline::After(kRemovesFor);
  while (!removable_.empty()) {
    const std::size_t count = std::min(removable_.size(), at_once_);
    const std::vector<SequenceRange> batch = removable_.First(count);
    const auto removed = spool.Remove(batch);
    spool.ShortenLog();
    if (removed) {
      for (const SequenceRange& range : batch) {
        removable_.Erase(range);
        unremovable_.Removed(range);
      }
      std::ranges::copy(batch, std::back_inserter(all.rows));
      all.counted.records += removed->records;
      all.counted.bytes += removed->bytes;
      at_once_ = std::min(2 * at_once_, kMost);
    } else if (removed.error().code != "unreadable") {
      has_failed_ = true;
      return all;
    } else if (count > 1) {
      at_once_ = count / 2;
    } else {
      // Sets it aside, so that the others can be removed.
      unremovable_.Insert(batch.front().from);
      removable_.Erase(batch.front());
    }
    if (deadline.HasPassed()) {
      // Continues once the callbacks that have arrived meanwhile are stored.
      due_at_ = deadline.at();
      return all;
    }
  }
  return all;
}

void Removal::RetryUnremovable(TimePoint now) { removable_.Merge(unremovable_.TakeDue(now)); }

void Removal::Forget(std::int64_t gone) {
  removable_.Erase({.from = 0, .to = gone});
  unremovable_.Erase({.from = 0, .to = gone});
}

}  // namespace ingest
