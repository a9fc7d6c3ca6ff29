#include "tests/support/markdown.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "common/base/text.h"

namespace tests {
namespace {

std::size_t LevelOf(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level < line.size() && line[level] == ' ' ? level : 0;
}

/// The lines below a heading, up to the next heading of the same or a higher level.
std::vector<std::string> LinesUnder(std::string_view markdown, std::string_view heading) {
  std::istringstream text{std::string(markdown)};
  std::vector<std::string> lines;
  bool is_below = false;
  for (std::string line; std::getline(text, line);) {
    if (is_below && LevelOf(line) != 0 && LevelOf(line) <= LevelOf(heading)) return lines;
    if (is_below) lines.push_back(line);
    is_below = is_below || line == heading;
  }
  if (!is_below) throw std::runtime_error("there is no heading " + std::string(heading));
  return lines;
}

TableRow CellsOf(std::string_view line) {
  line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  TableRow cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('|', begin), line.size());
    std::string cell(common::TrimAscii(line.substr(begin, end - begin)));
    std::erase(cell, '`');
    cells.push_back(std::move(cell));
    begin = end + 1;
  }
  return cells;
}

}  // namespace

std::vector<TableRow> TableUnder(std::string_view markdown, std::string_view heading) {
  std::vector<TableRow> rows;
  for (const std::string& line : LinesUnder(markdown, heading)) {
    if (line.starts_with('|')) {
      rows.push_back(CellsOf(line));
    } else if (!rows.empty()) {
      break;
    }
  }
  if (rows.size() < 3) throw std::runtime_error("there is no table under " + std::string(heading));
  rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

std::vector<std::string> SplitList(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(text)};
  for (std::string part; std::getline(stream, part, separator);) {
    parts.emplace_back(common::TrimAscii(part));
  }
  return parts;
}

std::string BlockUnder(std::string_view markdown, std::string_view heading) {
  std::string block;
  bool is_inside = false;
  for (const std::string& line : LinesUnder(markdown, heading)) {
    const bool is_fence = line.starts_with("```");
    if (is_fence && is_inside) return block;
    if (is_inside) block += line + "\n";
    is_inside = is_inside || is_fence;
  }
  throw std::runtime_error("there is no block under " + std::string(heading));
}

}  // namespace tests
