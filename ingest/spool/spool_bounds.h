#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ingest {

/// Limits of the callbacks waiting on disk.
struct SpoolBounds {
  std::size_t max_bytes = 1024ULL * 1024 * 1024;     ///< Keys, values and headers.
  std::size_t min_free_disk = 512ULL * 1024 * 1024;  ///< Always left free for others.
  std::size_t max_body = 1024ULL * 1024;
  /// A disk that has not finished a request after this time is offered nothing new until it has.
  /// Callbacks that wait for longer, for one request or several, are offered to Kafka, too.
  std::chrono::milliseconds commits_within{1000};
};

/// The callbacks waiting on disk, and the disk's free space.
struct SpoolFill {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t uncounted_bytes = 0;  ///< Approximate size of callbacks on disk that are not counted
                                    ///< yet.
  bool is_counted = true;           ///< `records` and `bytes` include everything on disk.
  std::optional<std::uint64_t> free_disk = 0;  ///< nullopt: unknown.

  [[nodiscard]] constexpr std::size_t all_bytes() const { return bytes + uncounted_bytes; }
};

/// SQLite writes a callback twice: to the write-ahead log, then to the table.
inline constexpr std::size_t kWritesPerCallback = 2;

/// Free bytes of the disk without which the spool cannot fill up to `max_bytes`, given the size of
/// its files. SQLite fills pages that removed callbacks have left before it extends a file.
[[nodiscard]] constexpr std::uint64_t NeededDisk(std::uint64_t file_bytes,
                                                 const SpoolBounds& bounds) {
  const std::uint64_t limit = bounds.max_bytes;
  return bounds.min_free_disk + limit - (file_bytes < limit ? file_bytes : limit);
}

/// True if one more record of `max_body` fits. A disk with unknown free space has no room.
[[nodiscard]] constexpr bool HasRoom(const SpoolFill& fill, const SpoolBounds& bounds) {
  return bounds.max_body <= bounds.max_bytes &&
         fill.all_bytes() <= bounds.max_bytes - bounds.max_body && fill.free_disk &&
         *fill.free_disk >= bounds.min_free_disk &&
         *fill.free_disk - bounds.min_free_disk >= kWritesPerCallback * bounds.max_body;
}

/// True if a record of this size fits: max_bytes includes its key and headers.
[[nodiscard]] constexpr bool Fits(std::size_t size, const SpoolFill& fill,
                                  const SpoolBounds& bounds) {
  return HasRoom(fill, bounds) && size <= bounds.max_bytes - fill.all_bytes();
}

/// True if a record of this size may fit, once the disk tells how much is free.
[[nodiscard]] constexpr bool MayFit(std::size_t size, SpoolFill fill, const SpoolBounds& bounds) {
  if (!fill.free_disk) fill.free_disk = UINT64_MAX;
  return Fits(size, fill, bounds);
}

}  // namespace ingest
