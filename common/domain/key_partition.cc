#include "common/domain/key_partition.h"

#include <cstddef>

#include "common/base/text.h"

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

Partition PartitionOf(std::string_view key, int partitions) {
  return PartitionOfHash(Murmur2(key), partitions);
}

Partition PartitionOfHash(std::uint32_t hash, int partitions) {
  return Partition(
      static_cast<std::int32_t>((hash & 0x7FFFFFFFU) % static_cast<std::uint32_t>(partitions)));
}

std::string ToHashText(std::uint32_t hash) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((hash >> static_cast<unsigned>(shift)) & 0xFFU));
  }
  return ToHex(bytes);
}

std::optional<std::uint32_t> ReadHashText(std::string_view text) {
  const auto bytes = DecodeHex(text);
  if (!bytes || bytes->size() != sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t hash = 0;
  for (std::size_t at = 0; at < bytes->size(); ++at) hash = hash << 8U | ByteAt(*bytes, at);
  return hash;
}

}  // namespace common
