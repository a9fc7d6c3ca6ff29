#pragma once

#include <chrono>
#include <cstdint>

namespace simulation {

/// SplitMix64: the same numbers with every library and on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15ULL);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  /// In [0, bound).
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }
  /// In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Unit() < probability; }
  std::chrono::microseconds Between(std::chrono::microseconds low, std::chrono::microseconds high) {
    const auto span = static_cast<std::uint64_t>((high - low).count());
    return low + std::chrono::microseconds(static_cast<std::int64_t>(Below(span + 1)));
  }

 private:
  std::uint64_t state_;
};

}  // namespace simulation
