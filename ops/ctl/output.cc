#include "ops/ctl/output.h"

#include <algorithm>
#include <string_view>

#include "common/base/utf8.h"

namespace ctl {
namespace {

std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  for (; !text.empty(); ++width) {
    text.remove_prefix(std::max<std::size_t>(1, common::Utf8Length(text)));
  }
  return width;
}

}  // namespace

std::string RenderTable(const std::vector<std::string>& heading,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(heading.size());
  const auto widen = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  };
  widen(heading);
  for (const auto& row : rows) widen(row);

  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - Width(row[i]) + 2, ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(heading);
  for (const auto& row : rows) add(row);
  return text;
}

std::string RenderArray(const std::vector<std::string>& values) {
  if (values.empty()) return "[]";
  std::string text = "[\n";
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += values[i] + (i + 1 < values.size() ? ",\n" : "\n");
  }
  return text + "]";
}

}  // namespace ctl
