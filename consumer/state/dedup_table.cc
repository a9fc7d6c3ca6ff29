#include "consumer/state/dedup_table.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

constexpr std::uint64_t kHourMask = 0xffff;
constexpr std::int64_t kLastHour = 0xffff;  // 7.5 years after the first
constexpr std::int64_t kCentre = 0x8000;
constexpr std::size_t kSmallest = 64;

std::uint64_t LoadBigEndian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

std::uint64_t HighOf(const common::Identity& identity) {
  return LoadBigEndian(identity.bytes.data(), 8);
}
std::uint64_t LowOf(const common::Identity& identity) {
  return LoadBigEndian(identity.bytes.data() + 8, 6) << 16;
}

std::int64_t HourNotBefore(common::WallTime time) {
  return std::chrono::ceil<std::chrono::hours>(time.time_since_epoch()).count();
}

/// Clamps an hour outside the 16 bits (years away from the others) to the nearest one inside.
std::uint64_t Relative(std::int64_t hour, std::int64_t base) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(hour - base, 1, kLastHour));
}

std::int64_t HourOf(std::uint64_t low, std::int64_t base) {
  return base + static_cast<std::int64_t>(low & kHourMask);
}

}  // namespace

void DedupTable::Insert(const common::Identity& identity, common::WallTime record_time) {
  const std::int64_t hour = HourNotBefore(record_time);
  if (hour < floor_) return;
  // Only forwards: an hour taken for a later one expires late; an hour taken for an earlier one
  // would be forgotten.
  if (slots_.empty() || hour > base_ + kLastHour) Rehash(hour);

  const std::uint64_t high = HighOf(identity);
  const std::uint64_t low = LowOf(identity);
  std::size_t at = Find(high, low);
  if ((slots_[at].low & kHourMask) == 0) {
    if ((used_ + 1) * 5 > slots_.size() * 4) {
      Rehash(std::max(hour, newest_));
      at = Find(high, low);
    }
    slots_[at].high = high;
    slots_[at].low = low;
    ++used_;
  }
  const std::uint64_t kept = slots_[at].low & kHourMask;
  slots_[at].low = low | std::max(kept, Relative(hour, base_));
  newest_ = used_ == 1 ? hour : std::max(newest_, hour);
}

bool DedupTable::Holds(const common::Identity& identity, common::WallTime record_time,
                       std::chrono::seconds window) const {
  if (slots_.empty()) return false;
  const Slot& slot = slots_[Find(HighOf(identity), LowOf(identity))];
  if ((slot.low & kHourMask) == 0) return false;
  const std::int64_t hour = HourOf(slot.low, base_);
  if (hour < floor_) return false;
  const common::WallTime marker_time{std::chrono::hours(hour)};
  return record_time - marker_time < window;
}

void DedupTable::RaiseFloor(common::WallTime floor) {
  const std::int64_t hour =
      std::chrono::floor<std::chrono::hours>(floor.time_since_epoch()).count();
  floor_ = std::max(floor_, hour);
  if (used_ > 0 && newest_ < floor_) {
    slots_ = std::vector<Slot>();
    used_ = 0;
  }
}

/// The slot of that identity, or the empty slot for it. The top 32 bits choose the slot, so that a
/// rehash walks both tables from front to back.
std::size_t DedupTable::Find(std::uint64_t high, std::uint64_t low) const {
  std::size_t at = (high >> 32) * slots_.size() >> 32;
  while (true) {
    const Slot& slot = slots_[at];
    const bool is_empty = (slot.low & kHourMask) == 0;
    if (is_empty || (slot.high == high && (slot.low & ~kHourMask) == low)) return at;
    if (++at == slots_.size()) at = 0;
  }
}

/// Drops slots that the floor has passed and makes room: from a load of at most 0.8 to at most 2/3,
/// which is 20 to 24 bytes a key. Hours then count from around `centre_hour`.
void DedupTable::Rehash(std::int64_t centre_hour) {
  const auto is_live = [this, base = base_](const Slot& slot) {
    return (slot.low & kHourMask) != 0 && HourOf(slot.low, base) >= floor_;
  };
  const auto live = static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), is_live));
  const std::vector<Slot> old =
      std::exchange(slots_, std::vector<Slot>(std::max(kSmallest, (live + 1) * 3 / 2)));
  const std::int64_t old_base = std::exchange(base_, centre_hour - kCentre);
  used_ = live;
  for (const Slot& slot : old) {
    if (!is_live(slot)) continue;
    const std::uint64_t low = slot.low & ~kHourMask;
    Slot& moved = slots_[Find(slot.high, low)];
    moved.high = slot.high;
    moved.low = low | Relative(HourOf(slot.low, old_base), base_);
  }
}

}  // namespace consumer
