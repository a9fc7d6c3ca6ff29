#include "tests/architecture/bare_positions.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace tests {
namespace {

/// The expressions below are slow, and few lines need them.
bool MayName(const std::string& line) {
  return line.find("artition") != std::string::npos || line.find("ffset") != std::string::npos;
}

}  // namespace

std::vector<std::string> FindBarePositions(const std::string& path, std::string_view text) {
  // Allows for the rest of a type like std::optional<…>, or a reference, before the name.
  static const std::regex kNamed(
      R"(\b(int|long|(std::)?int(32|64)_t)[>&* ]* (\w+_)?(partition|offset)_?\b)");
  static const std::regex kAlias(
      R"(\busing \w*(Partition|Offset) = (int|long|(std::)?int(32|64)_t);)");
  std::vector<std::string> found;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!MayName(line)) continue;
    line.erase(std::min(line.find("//"), line.size()));
    std::smatch match;
    if (!std::regex_search(line, match, kNamed) && !std::regex_search(line, match, kAlias))
      continue;
    found.push_back(path + ":" + std::to_string(number) + ": " + match.str());
  }
  return found;
}

}  // namespace tests
