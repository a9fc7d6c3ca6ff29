#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace common {

/// The number of a partition of a topic. How many partitions there are is an int.
class Partition {
 public:
  constexpr Partition() = default;
  constexpr explicit Partition(std::int32_t number) : number_(number) {}

  [[nodiscard]] constexpr std::int32_t number() const { return number_; }
  /// In a list of all partitions.
  [[nodiscard]] constexpr std::size_t index() const { return static_cast<std::size_t>(number_); }

  friend constexpr auto operator<=>(const Partition&, const Partition&) = default;
  friend std::ostream& operator<<(std::ostream& out, Partition partition) {
    return out << partition.number_;
  }

 private:
  std::int32_t number_ = 0;
};

[[nodiscard]] inline std::string ToText(Partition partition) {
  return std::to_string(partition.number());
}

/// The partitions of a topic that has `count`: 0, 1, …
[[nodiscard]] inline std::vector<Partition> AllPartitions(int count) {
  std::vector<Partition> all;
  all.reserve(static_cast<std::size_t>(count));
  for (std::int32_t number = 0; number < count; ++number) all.emplace_back(number);
  return all;
}

}  // namespace common
