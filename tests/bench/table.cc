#include "tests/bench/table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

constexpr std::size_t kColumns = 8;
using Line = std::array<std::string, kColumns>;

constexpr const char* kNone = "-";

/// The number of code points; each is one column wide.
std::size_t WidthOf(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string Short(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), number >= 1000 ? "%.0f" : "%.3g", number);
  return text.data();
}

std::string IsMet(const Row& row) {
  if (row.goal.empty()) return kNone;
  const double value = row.comparison ? row.comparison->ratio : row.spread.median;
  const double goal = std::strtod(row.goal.c_str() + 3, nullptr);
  return (row.goal.starts_with("<=") ? value <= goal : value >= goal) ? "yes" : "NO";
}

Line LineOf(const Row& row) {
  return {row.figure,
          row.unit,
          Short(row.spread.median),
          Short(row.spread.least) + " - " + Short(row.spread.most),
          row.comparison ? row.comparison->with : kNone,
          row.comparison ? Short(row.comparison->ratio) : kNone,
          row.goal.empty() ? kNone : row.goal,
          IsMet(row)};
}

std::string Render(const Line& line, const std::array<std::size_t, kColumns>& widths, char filler) {
  std::string text;
  for (std::size_t column = 0; column < kColumns; ++column) {
    text += "| " + line[column] + std::string(widths[column] - WidthOf(line[column]), filler) + " ";
  }
  return text + "|\n";
}

}  // namespace

std::string RenderTable(const std::string& title, const std::vector<Row>& rows) {
  std::vector<Line> lines{
      {"figure", "unit", "median", "min - max", "compared with", "ratio", "goal", "met"}};
  for (const Row& row : rows) lines.push_back(LineOf(row));
  std::array<std::size_t, kColumns> widths{};
  for (const Line& line : lines) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      widths[column] = std::max(widths[column], WidthOf(line[column]));
    }
  }
  std::string text = "\n## " + title + "\n\n" + Render(lines.front(), widths, ' ');
  text += Render({}, widths, '-');
  for (std::size_t line = 1; line < lines.size(); ++line) {
    text += Render(lines[line], widths, ' ');
  }
  return text;
}

}  // namespace bench
