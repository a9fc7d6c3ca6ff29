#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests {

using TableRow = std::vector<std::string>;

/// The first table below a heading, "### ingest", before the next heading of the same or a higher
/// level: its rows without the header, each cell without the spaces and `ticks` around its parts.
/// Throws if there is none.
[[nodiscard]] std::vector<TableRow> TableUnder(std::string_view markdown, std::string_view heading);

/// "a, b" is a and b; an empty text is nothing.
[[nodiscard]] std::vector<std::string> SplitList(std::string_view text, char separator = ',');

/// The first fenced block below a heading, without its fences. Throws if there is none.
[[nodiscard]] std::string BlockUnder(std::string_view markdown, std::string_view heading);

}  // namespace tests
