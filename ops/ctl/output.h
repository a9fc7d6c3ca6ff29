#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace ctl {

/// Where a command writes, and how.
struct Output {
  std::ostream& out;
  std::ostream& err;
  bool is_json = false;
  bool is_terminal = false;  ///< A person reads `err` as it is written.
};

/// Rows of cells under a heading, each column as wide as its widest cell (in characters, not
/// bytes). Every row has as many cells as the heading.
[[nodiscard]] std::string RenderTable(const std::vector<std::string>& heading,
                                      const std::vector<std::vector<std::string>>& rows);

/// Values of JSON as one array, an element a line, no newline at the end.
[[nodiscard]] std::string RenderArray(const std::vector<std::string>& values);

}  // namespace ctl
