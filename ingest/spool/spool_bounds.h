#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ingest {

/// How much may wait on disk.
struct SpoolBounds {
  std::size_t max_bytes = 1024ULL * 1024 * 1024;     ///< Of keys, values and headers.
  std::size_t min_free_disk = 512ULL * 1024 * 1024;  ///< The floor that is left to others.
  std::size_t max_body = 1024ULL * 1024;
  /// A disk that has not done what it was asked for so long takes nothing more until it has.
  std::chrono::milliseconds commits_within{1000};
};

/// What waits, and what the disk has left.
struct SpoolFill {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t uncounted_bytes = 0;  ///< About so many are on disk besides, not counted yet.
  bool is_counted = true;           ///< All that is on disk is in `records` and `bytes`.
  std::optional<std::uint64_t> free_disk = 0;  ///< nullopt: not known.

  [[nodiscard]] constexpr std::size_t all_bytes() const { return bytes + uncounted_bytes; }
};

/// A callback is written twice, to the write-ahead log and then to the table.
inline constexpr std::size_t kWritesPerCallback = 2;

/// Whether one more record of `max_body` fits. A disk that does not say how full it is has no room.
[[nodiscard]] constexpr bool HasRoom(const SpoolFill& fill, const SpoolBounds& bounds) {
  return bounds.max_body <= bounds.max_bytes &&
         fill.all_bytes() <= bounds.max_bytes - bounds.max_body && fill.free_disk &&
         *fill.free_disk >= bounds.min_free_disk &&
         *fill.free_disk - bounds.min_free_disk >= kWritesPerCallback * bounds.max_body;
}

/// Whether that one does: max_bytes holds with its key and headers too.
[[nodiscard]] constexpr bool Fits(std::size_t size, const SpoolFill& fill,
                                  const SpoolBounds& bounds) {
  return HasRoom(fill, bounds) && size <= bounds.max_bytes - fill.all_bytes();
}

}  // namespace ingest
