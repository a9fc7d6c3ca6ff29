#include "consumer/state/reading_pauses.h"

#include <algorithm>

namespace consumer {
namespace {

/// While no broker answers the looks; the newest ones count. They must fit into the metadata of an
/// offset, for which brokers allow 4096 bytes.
constexpr std::size_t kMostUnchecked = 16;

}  // namespace

void ReadingPauses::Read(const std::optional<common::OffsetWitness>& before, TimePoint now) {
  const bool has_paused = !read_at_ || now - *read_at_ >= kPause;
  read_at_ = now;
  if (!has_paused || !before) return;
  unchecked_.push_back(*before);
  if (unchecked_.size() > kMostUnchecked) unchecked_.erase(unchecked_.begin());
}

void ReadingPauses::Checked(const Witnesses& witnesses) {
  std::erase_if(unchecked_, [&](const common::OffsetWitness& one) {
    return std::ranges::find(witnesses, one) != witnesses.end();
  });
}

}  // namespace consumer
