#include "common/callback/announcements.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/text.h"
#include "common/json/expected_process.h"
#include "common/json/fields.h"
#include "common/json/object_writer.h"

namespace common {
namespace {

struct Line {
  std::size_t number = 0;
  std::string_view text;
};

bool IsBlank(std::string_view text) { return TrimAscii(text).empty(); }

/// The first lines that are not empty, at most one more than `most`.
std::vector<Line> LinesOf(std::string_view body, std::size_t most) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !body.empty() && lines.size() <= most; ++number) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    if (!IsBlank(body.substr(0, end))) lines.push_back({number, body.substr(0, end)});
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return lines;
}

bool IsObject(std::string_view text) { return json::ReadFields(text, std::span<json::Field>()); }

std::string NamesOf(const ProviderTable& providers) {
  std::string names;
  for (const ProviderRow& row : providers.rows()) {
    if (row.name == kUnknownProvider) continue;
    names.append(names.empty() ? "" : ", ").append(row.name);
  }
  return names;
}

}  // namespace

std::variant<Announcements, LineMistake> ReadAnnouncements(std::string_view body,
                                                           const ProviderTable& providers,
                                                           std::size_t most) {
  std::vector<Line> lines = LinesOf(body, most);
  if (lines.empty()) return LineMistake{.line = 1, .what = "the body is empty"};
  if (lines.size() > 1 && !IsObject(lines.front().text) && IsObject(body)) {
    lines = {{lines.front().number, body}};
  }
  if (lines.size() > most) {
    return LineMistake{.line = lines.back().number,
                       .what = "a body has at most " + std::to_string(most) + " announcements",
                       .is_excess = true};
  }
  Announcements all;
  all.reserve(lines.size());
  for (const Line& line : lines) {
    auto read = json::ReadExpectedProcess(line.text, json::OtherFields::kRefuse);
    if (!read) return LineMistake{.line = line.number, .what = read.error().detail};
    const auto row = providers.Resolve(read->provider);
    if (row == ProviderTable::kUnknown) {
      return LineMistake{
          .line = line.number,
          .what = "provider " + json::Quote(read->provider) + " is none of " + NamesOf(providers)};
    }
    read->provider = providers[row].name;
    all.push_back(*std::move(read));
  }
  return all;
}

}  // namespace common
