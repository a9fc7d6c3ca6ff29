#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

/// Where a command writes, and how.
struct Output {
  std::ostream& out;
  std::ostream& err;
  bool is_json = false;
  bool is_terminal = false;  ///< A person reads `err` as it is written.
};

/// `text` as a terminal may show it: control characters, and what is not UTF-8, as \xNN.
[[nodiscard]] std::string Printable(std::string_view text);

/// Whether all of it is UTF-8: else it would not survive as a text of JSON.
[[nodiscard]] bool IsUtf8(std::string_view text);

/// How many characters (not bytes) the text falls short of a width.
[[nodiscard]] std::size_t PaddingTo(std::size_t width, std::string_view text);

/// Rows of cells under a heading, each column as wide as its widest cell (in characters, not
/// bytes). Every row has as many cells as the heading.
[[nodiscard]] std::string RenderTable(const std::vector<std::string>& heading,
                                      const std::vector<std::vector<std::string>>& rows);

/// Values of JSON as one array, an element a line, no newline at the end.
[[nodiscard]] std::string RenderArray(const std::vector<std::string>& values);

}  // namespace ctl
