#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

/// The output streams of a command, and their format.
struct Output {
  std::ostream& out;
  std::ostream& err;
  bool is_json = false;
  bool is_terminal = false;  ///< A person watches `err`.
  bool is_coloured = false;  ///< `out` may be coloured.
};

enum class Tone { kGood, kDoubtful, kBad };
/// Paints the first line green, yellow or red if the output may be coloured.
[[nodiscard]] std::string PaintFirstLine(const Output& output, Tone tone, std::string text);

/// Makes `text` safe for a terminal: control characters and bytes that are not UTF-8 become \xNN.
[[nodiscard]] std::string Printable(std::string_view text);

/// True if the text is valid UTF-8. A JSON text cannot hold other bytes.
[[nodiscard]] bool IsUtf8(std::string_view text);

/// The number of characters (not bytes) by which the text is shorter than `width`.
[[nodiscard]] std::size_t PaddingTo(std::size_t width, std::string_view text);

/// A table with a heading; each column is as wide as its widest cell (in characters, not bytes).
/// Precondition: every row has as many cells as the heading.
[[nodiscard]] std::string RenderTable(const std::vector<std::string>& heading,
                                      const std::vector<std::vector<std::string>>& rows);

/// "7s", "2m5s", "1h2m", "3d4h".
[[nodiscard]] std::string RenderAge(std::chrono::milliseconds age);

/// Joins JSON values to one array, one element per line, without a newline at the end.
[[nodiscard]] std::string RenderArray(const std::vector<std::string>& values);

}  // namespace ctl
