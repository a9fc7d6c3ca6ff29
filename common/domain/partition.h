#pragma once

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>

namespace common {

/// The number of a partition of a topic. How many partitions there are is an int.
class Partition {
 public:
  constexpr Partition() = default;
  constexpr explicit Partition(std::int32_t number) : number_(number) {}

  [[nodiscard]] constexpr std::int32_t number() const { return number_; }

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

}  // namespace common
