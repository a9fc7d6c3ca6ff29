#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ingest {

/// How much may wait on disk.
struct SpoolBounds {
  std::size_t max_bytes = 1024ULL * 1024 * 1024;     ///< Of keys, values and headers.
  std::size_t min_free_disk = 512ULL * 1024 * 1024;  ///< The floor that is left to others.
  std::size_t max_body = 1024ULL * 1024;
};

/// What waits, and what the disk has left.
struct SpoolFill {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::optional<std::uint64_t> free_disk = 0;  ///< nullopt: not known.
};

/// A callback is written twice, to the write-ahead log and then to the table.
inline constexpr std::size_t kWritesPerCallback = 2;

/// Whether one more record of `max_body` fits. A disk that does not say how full it is has no room.
[[nodiscard]] constexpr bool HasRoom(const SpoolFill& fill, const SpoolBounds& bounds) {
  return bounds.max_body <= bounds.max_bytes && fill.bytes <= bounds.max_bytes - bounds.max_body &&
         fill.free_disk && *fill.free_disk >= bounds.min_free_disk &&
         *fill.free_disk - bounds.min_free_disk >= kWritesPerCallback * bounds.max_body;
}

/// Whether that one does: max_bytes holds with its key and headers too.
[[nodiscard]] constexpr bool Fits(std::size_t size, const SpoolFill& fill,
                                  const SpoolBounds& bounds) {
  return HasRoom(fill, bounds) && size <= bounds.max_bytes - fill.bytes;
}

}  // namespace ingest
