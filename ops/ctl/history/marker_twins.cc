#include "ops/ctl/history/marker_twins.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>

namespace ctl {

void MarkerTwins::Add(const common::Marker& marker, common::Offset offset) {
  Seen seen{.offset = offset};
  const auto* const bytes = marker.identity.bytes.data();
  std::memcpy(&seen.first_half, bytes, sizeof seen.first_half);
  std::memcpy(&seen.second_half, bytes + sizeof seen.first_half, sizeof seen.second_half);
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  const auto time = static_cast<std::uint64_t>(marker.record_time.time_since_epoch().count());
  seen.first_half ^= time * kSpread;
  seen_.push_back(seen);
}

void MarkerTwins::ForEach(
    const std::function<void(common::Offset offset, common::Offset before)>& visit) {
  std::ranges::sort(seen_, {}, [](const Seen& one) {
    return std::tuple(one.first_half, one.second_half, one.offset);
  });
  for (std::size_t i = 1; i < seen_.size(); ++i) {
    const Seen& before = seen_[i - 1];
    const Seen& marker = seen_[i];
    if (before.first_half != marker.first_half || before.second_half != marker.second_half) {
      continue;
    }
    visit(marker.offset, before.offset);
  }
}

}  // namespace ctl
