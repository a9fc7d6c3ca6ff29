#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingest {

/// Whose a write-ahead log is. SQLite does not ask: it moves the frames of any log into the file that
/// the log lies beside.
///
/// So the file has a lap, a random number at first, where SQLite keeps its schema cookie: in the
/// header of page 1. Each log begins with a commit of that page alone, with the next lap. A log
/// follows a file if it has its lap, being moved into it, or the next one. No tool that makes a new
/// file of the rows of an old one copies the schema cookie.
///
///   log  := magic version page-size sequence salt1 salt2 checksum, then frames
///   frame := page-number pages-after-commit salt1 salt2 checksum page

/// Of the beginning of a file. nullopt: it is no database.
[[nodiscard]] std::optional<std::uint32_t> LapOfFile(std::string_view bytes);

/// What is known of a log by its beginning.
struct LogStart {
  bool holds_frames = false;           ///< SQLite believes the first one.
  std::optional<std::uint32_t> lap{};  ///< None: an ingest that knew nothing of laps has begun it.
};
/// Of bytes enough for one frame of the largest page, or of all that there are.
[[nodiscard]] LogStart StartOfLog(std::string_view bytes);
inline constexpr std::size_t kLongestLogStart = 32 + 24 + 65536;

/// `file`: none, if nothing is in it.
[[nodiscard]] bool Follows(const LogStart& log, std::optional<std::uint32_t> file);

/// Whether the log at the path would be moved into a file that it does not follow. One that cannot be
/// read is not looked at.
[[nodiscard]] bool HasLogOfAnother(const std::string& path);

/// A file without a lap has a small number there: how often its schema was changed.
[[nodiscard]] constexpr bool HasLap(std::int64_t schema_cookie) {
  return schema_cookie < 0 || schema_cookie >= 0x10000;
}
[[nodiscard]] std::int32_t RandomLap();
[[nodiscard]] constexpr std::int32_t NextLap(std::int64_t lap) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(lap) + 1);
}

}  // namespace ingest
