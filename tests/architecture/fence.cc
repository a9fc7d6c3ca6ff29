#include "tests/architecture/fence.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace tests {
namespace {

struct Include {
  bool is_quoted = false;
  std::string name;
};

std::vector<Include> IncludesIn(std::string_view text) {
  std::vector<Include> includes;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kDirective = "#include ";
    if (!line.starts_with(kDirective)) continue;
    const char opening = line[kDirective.size()];
    const auto begin = kDirective.size() + 1;
    const auto end = line.find(opening == '<' ? '>' : '"', begin);
    includes.push_back({opening == '"', line.substr(begin, end - begin)});
  }
  return includes;
}

/// Several targets may compile a file that programs share.
std::vector<std::string> OwnersOf(const Fence& fence, const std::string& path) {
  std::vector<std::string> owners;
  for (const auto& [name, target] : fence.targets) {
    if (target.files.contains(path)) owners.push_back(name);
  }
  return owners;
}

/// The bringer with the longest prefix of the header's name.
std::optional<std::string> BringerOf(const Fence& fence, const std::string& header) {
  std::optional<std::string> bringer;
  std::size_t longest = 0;
  for (const auto& [prefix, name] : fence.third_parties) {
    const bool is_folder = prefix.ends_with('/');
    if (is_folder ? !header.starts_with(prefix) : header != prefix) continue;
    if (prefix.size() <= longest) continue;
    longest = prefix.size();
    bringer = name;
  }
  return bringer;
}

/// True for a name like `vector` or `cstdint`.
bool IsStandard(const std::string& header) {
  return std::ranges::all_of(header, [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
  });
}

std::optional<std::string> Judge(const Fence& fence, const std::string& includer,
                                 const Include& include) {
  const Fence::Target& target = fence.targets.at(includer);
  if (!include.is_quoted) {
    const auto bringer = BringerOf(fence, include.name);
    if (!bringer && IsStandard(include.name)) return std::nullopt;
    if (!bringer) return "nobody is known to bring it";
    if (target.depends.contains(*bringer)) return std::nullopt;
    return includer + " does not name " + *bringer;
  }
  const auto owners = OwnersOf(fence, include.name);
  if (owners.empty()) return "it belongs to no target";
  const bool may = std::ranges::any_of(owners, [&](const std::string& owner) {
    return owner == includer || target.depends.contains(owner);
  });
  if (may) return std::nullopt;
  return includer + " does not depend on " + owners.front();
}

}  // namespace

Fence ReadFence(std::istream& lines) {
  Fence fence;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string first;
    std::string second;
    words >> kind >> first >> second;
    if (second.empty()) throw std::runtime_error("no line of a fence: " + line);
    if (kind == "file") {
      fence.targets[first].files.insert(second);
    } else if (kind == "depends") {
      fence.targets[first].depends.insert(second);
    } else if (kind == "headers") {
      fence.third_parties[second] = first;
    } else {
      throw std::runtime_error("no line of a fence: " + line);
    }
  }
  return fence;
}

std::vector<std::string> FindTrespasses(const Fence& fence, const std::string& path,
                                        std::string_view text) {
  const auto includers = OwnersOf(fence, path);
  if (includers.empty()) return {path + ": belongs to no target"};
  std::vector<std::string> found;
  for (const Include& include : IncludesIn(text)) {
    for (const std::string& includer : includers) {
      if (const auto why = Judge(fence, includer, include)) {
        found.push_back(path + ": " + include.name + ": " + *why);
      }
    }
  }
  return found;
}

std::vector<std::string> FindIdleDependencies(
    const Fence& fence, const std::map<std::string, std::string>& text_by_path) {
  std::map<std::string, std::set<std::string>> used;
  for (const auto& [path, text] : text_by_path) {
    for (const Include& include : IncludesIn(text)) {
      for (const std::string& owner : OwnersOf(fence, include.name)) {
        for (const std::string& includer : OwnersOf(fence, path)) used[includer].insert(owner);
      }
    }
  }
  std::vector<std::string> idle;
  for (const auto& [name, target] : fence.targets) {
    for (const std::string& dependency : target.depends) {
      const bool is_ours = fence.targets.contains(dependency);
      if (is_ours && !used[name].contains(dependency)) idle.push_back(name + " " + dependency);
    }
  }
  return idle;
}

bool Reaches(const Fence& fence, const std::string& target, const std::string& name) {
  std::set<std::string> seen;
  std::vector<std::string> open = {target};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    if (!seen.insert(at).second) continue;
    if (at == name) return true;
    const auto found = fence.targets.find(at);
    if (found == fence.targets.end()) continue;
    open.insert(open.end(), found->second.depends.begin(), found->second.depends.end());
  }
  return false;
}

}  // namespace tests
