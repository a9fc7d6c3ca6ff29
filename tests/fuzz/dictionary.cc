#include "tests/fuzz/dictionary.h"

#include "tests/fuzz/input.h"

namespace fuzz {
namespace {

std::string Unescape(std::string_view quoted) {
  std::string word;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      word.push_back(quoted[i]);
    } else if (quoted[i + 1] == 'x' && i + 3 < quoted.size()) {
      word.push_back(
          static_cast<char>(std::stoi(std::string(quoted.substr(i + 2, 2)), nullptr, 16)));
      i += 3;
    } else {
      word.push_back(quoted[++i]);
    }
  }
  return word;
}

}  // namespace

std::vector<std::string> ParseDictionary(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view line = ReadLine(text);
    const std::size_t open = line.find('"');
    const std::size_t close = line.rfind('"');
    if (line.starts_with('#') || open == std::string_view::npos || open == close) continue;
    words.push_back(Unescape(line.substr(open + 1, close - open - 1)));
  }
  return words;
}

}  // namespace fuzz
