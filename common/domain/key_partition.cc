#include "common/domain/key_partition.h"

#include <cstddef>

namespace common {
namespace {

std::uint32_t ByteAt(std::string_view text, std::size_t position) {
  return static_cast<unsigned char>(text[position]);
}

}  // namespace

std::uint32_t Murmur2(std::string_view key) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = ByteAt(key, at) | (ByteAt(key, at + 1) << 8U) |
                         (ByteAt(key, at + 2) << 16U) | (ByteAt(key, at + 3) << 24U);
    word *= kMultiplier;
    word ^= word >> 24U;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  const std::size_t rest = key.size() - at;
  if (rest > 0) {
    for (std::size_t i = rest; i > 0; --i) hash ^= ByteAt(key, at + i - 1) << (8 * (i - 1));
    hash *= kMultiplier;
  }
  hash ^= hash >> 13U;
  hash *= kMultiplier;
  hash ^= hash >> 15U;
  return hash;
}

int PartitionOf(std::string_view key, int partitions) {
  return static_cast<int>((Murmur2(key) & 0x7FFFFFFFU) % static_cast<std::uint32_t>(partitions));
}

}  // namespace common
