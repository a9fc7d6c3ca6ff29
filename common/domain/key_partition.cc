#include "common/domain/key_partition.h"

#include <charconv>
#include <cstddef>
#include <system_error>

namespace common {
namespace {

constexpr std::size_t kHashDigits = 8;

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
  return PartitionOfHash(Murmur2(key), partitions);
}

int PartitionOfHash(std::uint32_t hash, int partitions) {
  return static_cast<int>((hash & 0x7FFFFFFFU) % static_cast<std::uint32_t>(partitions));
}

std::string ToHashText(std::uint32_t hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(kHashDigits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, hash >>= 4U) {
    *digit = kDigits[hash & 0xFU];
  }
  return text;
}

std::optional<std::uint32_t> ReadHashText(std::string_view text) {
  std::uint32_t hash = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, hash, 16);
  if (text.size() != kHashDigits || at != end || error != std::errc()) return std::nullopt;
  return hash;
}

}  // namespace common
