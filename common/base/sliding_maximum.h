#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace common {

/// The maximum over the last `window`. Time is cut into tenths of the window, and each tenth keeps
/// only its largest value; a value therefore counts for at most 1.1 windows.
///
/// Memory:  constant, eleven numbers.
/// Threads: not thread-safe; confine it to one thread or guard it.
/// Time:    an argument. Values may arrive out of order; each counts at its own time.
template <typename Value>
class SlidingMaximum {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit SlidingMaximum(std::chrono::steady_clock::duration window)
      : part_length_(window / kWholeParts) {}

  void Add(TimePoint now, Value value) {
    const std::int64_t number = NumberAt(now);
    Part& part = parts_[static_cast<std::size_t>(number) % parts_.size()];
    if (part.number > number) return;
    const bool is_larger = !part.largest || number > part.number || *part.largest < value;
    part.number = number;
    if (is_larger) part.largest = value;
  }

  /// Empty if no value was added within the window.
  [[nodiscard]] std::optional<Value> At(TimePoint now) const {
    const std::int64_t oldest = NumberAt(now) - kWholeParts;
    std::optional<Value> largest;
    for (const Part& part : parts_) {
      if (!part.largest || part.number < oldest) continue;
      if (!largest || *part.largest > *largest) largest = part.largest;
    }
    return largest;
  }

 private:
  static constexpr std::int64_t kWholeParts = 10;
  struct Part {
    std::int64_t number = 0;
    std::optional<Value> largest{};
  };

  [[nodiscard]] std::int64_t NumberAt(TimePoint time) const {
    return time.time_since_epoch() / part_length_;
  }

  std::chrono::steady_clock::duration part_length_;
  // The whole parts and the current one.
  std::array<Part, static_cast<std::size_t>(kWholeParts) + 1> parts_;
};

}  // namespace common
