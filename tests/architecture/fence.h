#pragma once

#include <istream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// The allowed includes (ADR 0001), as ops/cmake/Fence.cmake writes them. A line is
///   file TARGET PATH | depends TARGET NAME | headers NAME PREFIX
/// with paths from the project's root.
struct Fence {
  struct Target {
    std::set<std::string> files;
    std::set<std::string> depends;
  };
  std::map<std::string, Target> targets;
  /// By the prefix of the header's name: the library that brings it.
  std::map<std::string, std::string> third_parties;
};

/// Throws std::runtime_error at any other line.
[[nodiscard]] Fence ReadFence(std::istream& lines);

/// The forbidden includes of a file, one readable line each. A target may include its own headers,
/// those of its dependencies, of the third parties that it names, and the standard library's. Every
/// file must belong to a target.
[[nodiscard]] std::vector<std::string> FindTrespasses(const Fence& fence, const std::string& path,
                                                      std::string_view text);

/// "TARGET NAME" for each of our targets that TARGET depends on without including anything of it.
[[nodiscard]] std::vector<std::string> FindIdleDependencies(
    const Fence& fence, const std::map<std::string, std::string>& text_by_path);

/// True if the target depends on `name`, directly or indirectly.
[[nodiscard]] bool Reaches(const Fence& fence, const std::string& target, const std::string& name);

}  // namespace tests
