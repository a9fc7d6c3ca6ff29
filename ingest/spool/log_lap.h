#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingest {

/// Finds out which file a write-ahead log belongs to. SQLite does not check that: it moves the
/// frames of a log into whatever file lies beside it.
///
/// So each file has a lap, which starts as a random number and takes the place of SQLite's schema
/// cookie in the header of page 1. Each log begins with a commit of only that page, with the next
/// lap. A log follows a file if its lap is the next one, or the same once SQLite has begun to move
/// the log into the file. No tool that makes a new file from the rows of an old one copies the
/// schema cookie.
///
///   log  := magic version page-size sequence salt1 salt2 checksum, then frames
///   frame := page-number pages-after-commit salt1 salt2 checksum page

/// The lap in the first bytes of a file; nullopt if it is not a database.
[[nodiscard]] std::optional<std::uint32_t> LapOfFile(std::string_view bytes);

/// The facts that the beginning of a log reveals.
struct LogStart {
  bool holds_frames = false;           ///< The first frame is valid for SQLite.
  std::optional<std::uint32_t> lap{};  ///< nullopt: an ingest without laps has begun the log.
};
/// `bytes`: the first kLongestLogStart, or the whole log if it is shorter.
[[nodiscard]] LogStart StartOfLog(std::string_view bytes);
inline constexpr std::size_t kLongestLogStart = 32 + 24 + 65536;

/// `file`: the file's lap; nullopt if the file is empty.
[[nodiscard]] bool Follows(const LogStart& log, std::optional<std::uint32_t> file);

/// True if SQLite would move the log at the path into a file that it does not follow. False if the
/// log is unreadable.
[[nodiscard]] bool HasForeignLog(const std::string& path);

/// A file without a lap has a small schema cookie: the number of its schema changes.
[[nodiscard]] constexpr bool HasLap(std::int64_t schema_cookie) {
  return schema_cookie < 0 || schema_cookie >= 0x10000;
}
[[nodiscard]] std::int32_t RandomLap();
[[nodiscard]] constexpr std::int32_t NextLap(std::int64_t lap) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(lap) + 1);
}

}  // namespace ingest
