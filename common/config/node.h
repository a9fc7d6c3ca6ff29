#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/environment.h"
#include "common/config/problem.h"

namespace common::config {

struct Position {
  int line = 0;
  int column = 0;
};

/// One value of a YAML file and its position.
struct YamlNode {
  enum class Kind { kNull, kScalar, kMapping, kSequence };
  struct Member {
    std::string key;
    Position position;
    std::unique_ptr<YamlNode> value;
  };

  Kind kind = Kind::kNull;
  Position position;
  std::string text;                              ///< Of a scalar, before expansion.
  std::vector<Member> members;                   ///< Of a mapping.
  std::set<std::string, std::less<>> known;      ///< The keys that a reader asked for.
  std::vector<std::unique_ptr<YamlNode>> items;  ///< Of a sequence.
  bool ignores_unknown_keys = false;

  /// The first value of this key in a mapping, or nullptr.
  [[nodiscard]] YamlNode* At(std::string_view key) const {
    for (const Member& member : members) {
      if (member.key == key) return member.value.get();
    }
    return nullptr;
  }
};

/// The reader's state beside the tree.
struct Context {
  Environment environment;
  Problems problems = {};
  Problems doubts = {};    ///< Valid settings that look like mistakes.
  bool is_broken = false;  ///< The text is no YAML, so that nothing can be said of its keys.

  void Report(Position position, std::string key, std::string message) {
    problems.push_back({position.line, position.column, std::move(key), std::move(message)});
  }
  /// Says the same of a value once, however often it is read.
  void Doubt(Position position, std::string key, std::string message) {
    Problem doubt{position.line, position.column, std::move(key), std::move(message)};
    if (std::ranges::find(doubts, doubt) == doubts.end()) doubts.push_back(std::move(doubt));
  }
};

}  // namespace common::config
