#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests {

using TableRow = std::vector<std::string>;

/// The first table below a heading such as "### ingest", before the next heading of the same or a
/// higher level. Returns its rows without the header, cells without surrounding spaces and `ticks`.
/// Throws if there is none.
[[nodiscard]] std::vector<TableRow> TableUnder(std::string_view markdown, std::string_view heading);

/// Splits "a, b" into a and b. An empty text yields nothing.
[[nodiscard]] std::vector<std::string> SplitList(std::string_view text, char separator = ',');

/// The first fenced block below a heading, without its fences. Throws if there is none.
[[nodiscard]] std::string BlockUnder(std::string_view markdown, std::string_view heading);

}  // namespace tests
