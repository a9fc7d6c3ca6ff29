#include "tests/architecture/references.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <utility>

namespace tests {
namespace {

/// The mark that begins a comment; empty if each line of the file counts.
std::string_view CommentOf(const std::string& path) {
  if (path.ends_with(".md") || path.ends_with(".pml")) return {};
  return path.ends_with(".cc") || path.ends_with(".h") ? "//" : "#";
}

/// A reference names a document by its path, the end of its path, or where the package puts it.
bool HasDocument(const Referents& referents, std::string name) {
  constexpr std::string_view kInstalled = "usr/share/doc/sluice/";
  if (name.starts_with(kInstalled)) name.erase(0, kInstalled.size());
  const std::string end = "/" + name;
  return std::ranges::any_of(referents.files, [&](const std::string& file) {
    return file == name || file.ends_with(end);
  });
}

bool HasDecision(const Referents& referents, const std::string& number) {
  const std::string begin = "ops/docs/adr/" + number + "-";
  return std::ranges::any_of(referents.files,
                             [&](const std::string& file) { return file.starts_with(begin); });
}

template <typename Handle>
void ForEach(const std::string& text, const std::regex& pattern, Handle handle) {
  for (std::sregex_iterator match(text.begin(), text.end(), pattern);
       match != std::sregex_iterator(); ++match) {
    handle(*match);
  }
}

bool IsOfWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::set<std::string> IdentifiersIn(std::string_view markdown) {
  static const std::regex kDefinition(R"(^(?:\| |\* \*\*)([PAI][0-9]{1,2})(?: \||\*\* ))");
  std::set<std::string> identifiers;
  std::istringstream lines{std::string(markdown)};
  for (std::string line; std::getline(lines, line);) {
    ForEach(line, kDefinition, [&](const std::smatch& match) { identifiers.insert(match[1]); });
  }
  return identifiers;
}

std::vector<std::string> FindDanglingReferences(const Referents& referents, const std::string& path,
                                                std::string_view text) {
  static const std::regex kIdentifier(R"(\b[PAI][0-9]{1,2}\b(?![-./][0-9]))");
  static const std::regex kDecision(R"(\bADR ([0-9]{4})\b)");
  // Issues of other projects have four digits by now, and may be cited.
  static const std::regex kIssue(R"(\b[Ii]ssue [0-9]{1,3}\b)");
  static const std::regex kDocument(R"([A-Za-z0-9_][A-Za-z0-9_./-]*\.md\b)");
  std::vector<std::string> dangling;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto comment = line.find(CommentOf(path));
    if (comment == std::string::npos) continue;
    line.erase(0, comment);
    const auto refuse = [&](const std::string& what) {
      dangling.push_back(path + ":" + std::to_string(number) + ": " + what);
    };
    ForEach(line, kIdentifier, [&](const std::smatch& match) {
      if (!referents.identifiers.contains(match.str())) refuse(match.str());
    });
    ForEach(line, kDecision, [&](const std::smatch& match) {
      if (!HasDecision(referents, match[1])) refuse(match.str());
    });
    ForEach(line, kIssue, [&](const std::smatch& match) { refuse(match.str()); });
    ForEach(line, kDocument, [&](const std::smatch& match) {
      if (!HasDocument(referents, match.str())) refuse(match.str());
    });
  }
  return dangling;
}

std::set<std::string> WordsIn(std::string_view source) {
  std::set<std::string> words;
  std::string word;
  for (const char c : source) {
    if (IsOfWord(c)) {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.insert(word);
  return words;
}

std::vector<std::string> FindGoneCode(const std::set<std::string>& words,
                                      const std::set<std::string>& files, const std::string& path,
                                      std::string_view markdown) {
  static const std::regex kName(R"(`([A-Z]\w*(?:(?:::|\.)\w+)*)(?:\(\))?`)");
  static const std::regex kFile(R"(`(\w+/[\w./-]+\.(?:h|cc))`)");
  std::vector<std::string> gone;
  std::istringstream lines{std::string(markdown)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string place = path + ":" + std::to_string(number) + ": ";
    ForEach(line, kName, [&](const std::smatch& match) {
      const std::string name = match[1];
      if (name.ends_with(".txt") || name.ends_with(".md")) return;
      const std::set<std::string> parts = WordsIn(name);
      if (!std::ranges::includes(words, parts)) gone.push_back(place + name);
    });
    ForEach(line, kFile, [&](const std::smatch& match) {
      if (!files.contains(match[1])) gone.push_back(place + match[1].str());
    });
  }
  return gone;
}

}  // namespace tests
