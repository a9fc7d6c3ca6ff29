#include "ingest/acceptance/request_ids.h"

namespace ingest {
namespace {

/// SplitMix64's output function. Each step (xor with a shift, multiplication by an odd number) is a
/// bijection of 64 bits, so the composition is one, too.
std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

void WriteHex(std::uint64_t number, char* to) {
  constexpr std::array<char, 17> kDigits{"0123456789abcdef"};
  for (int digit = 15; digit >= 0; --digit) {
    to[digit] = kDigits[number & 0xFU];
    number >>= 4U;
  }
}

}  // namespace

RequestIds::RequestIds(std::uint64_t instance, std::uint64_t start)
    : instance_(instance), counter_(start) {}

RequestId RequestIds::Next() {
  std::array<char, 32> digits{};
  WriteHex(instance_, digits.data());
  WriteHex(Mix(counter_.fetch_add(1, std::memory_order_relaxed)), digits.data() + 16);
  return RequestId(digits);
}

}  // namespace ingest
