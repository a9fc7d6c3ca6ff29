#include "consumer/state/reading_pauses.h"

#include <algorithm>
#include <iterator>

namespace consumer {

void ReadingPauses::Read(const std::optional<common::OffsetWitness>& before, TimePoint now) {
  const bool has_paused = !read_at_ || now - *read_at_ >= kPause;
  read_at_ = now;
  if (!has_paused || !before) return;
  unchecked_.push_back(*before);
  // While no broker answers the looks. The oldest one shows a log that was made anew since,
  // whatever followed; the newest ones show a log that lost its end.
  if (unchecked_.size() > common::OffsetMetadata::kMostUnchecked) {
    unchecked_.erase(std::next(unchecked_.begin()));
  }
}

void ReadingPauses::Checked(const Witnesses& witnesses) {
  std::erase_if(unchecked_, [&](const common::OffsetWitness& one) {
    return std::ranges::find(witnesses, one) != witnesses.end();
  });
}

}  // namespace consumer
