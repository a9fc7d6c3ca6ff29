#include "ops/ctl/shell/output.h"

#include <algorithm>

#include "common/base/text.h"
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

/// True for control characters of ASCII and of Latin-1, which some terminals obey, too.
bool IsControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

std::string PaintFirstLine(const Output& output, Tone tone, std::string text) {
  if (!output.is_coloured) return text;
  const char* const colour = tone == Tone::kGood       ? "\x1b[32m"
                             : tone == Tone::kDoubtful ? "\x1b[33m"
                                                       : "\x1b[31m";
  text.insert(std::min(text.find('\n'), text.size()), "\x1b[0m");
  return colour + text;
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::size_t length = common::Utf8Length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, length));
    text.remove_prefix(character.size());
    if (length > 0 && !IsControl(character)) {
      printable += character;
      continue;
    }
    for (const char byte : character) printable += "\\x" + common::ToHex({&byte, 1});
  }
  return printable;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = common::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t PaddingTo(std::size_t width, std::string_view text) {
  const std::size_t own = Width(text);
  return own < width ? width - own : 0;
}

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
      line += row[i] + std::string(PaddingTo(widths[i], row[i]) + 2, ' ');
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

std::string RenderAge(std::chrono::milliseconds age) {
  using std::chrono::seconds;
  const std::int64_t all = std::max<std::int64_t>(0, std::chrono::floor<seconds>(age).count());
  if (all < 60) return std::to_string(all) + "s";
  if (all < 3600) return std::to_string(all / 60) + "m" + std::to_string(all % 60) + "s";
  if (all < 86400) return std::to_string(all / 3600) + "h" + std::to_string(all % 3600 / 60) + "m";
  return std::to_string(all / 86400) + "d" + std::to_string(all % 86400 / 3600) + "h";
}

}  // namespace ctl
