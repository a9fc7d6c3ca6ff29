#pragma once

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>

namespace common {

/// A place in a partition's log. Two offsets have a distance but no sum.
class Offset {
 public:
  constexpr Offset() = default;
  constexpr explicit Offset(std::int64_t number) : number_(number) {}

  [[nodiscard]] constexpr std::int64_t number() const { return number_; }

  constexpr Offset& operator++() {
    ++number_;
    return *this;
  }
  friend constexpr Offset operator+(Offset offset, std::int64_t count) {
    return Offset(offset.number_ + count);
  }
  friend constexpr Offset operator-(Offset offset, std::int64_t count) {
    return Offset(offset.number_ - count);
  }
  /// How many offsets `from` lies below `to`.
  friend constexpr std::int64_t operator-(Offset to, Offset from) {
    return to.number_ - from.number_;
  }

  friend constexpr auto operator<=>(const Offset&, const Offset&) = default;
  friend std::ostream& operator<<(std::ostream& out, Offset offset) {
    return out << offset.number_;
  }

 private:
  std::int64_t number_ = 0;
};

[[nodiscard]] inline std::string ToText(Offset offset) { return std::to_string(offset.number()); }

}  // namespace common
