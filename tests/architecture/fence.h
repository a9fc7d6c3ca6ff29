#pragma once

#include <istream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// Who may include what (ADR 0001), as ops/cmake/Fence.cmake writes it down: a line is
///   file TARGET PATH | depends TARGET NAME | headers NAME PREFIX
/// with paths from the project's root.
struct Fence {
  struct Target {
    std::set<std::string> files;
    std::set<std::string> depends;
  };
  std::map<std::string, Target> targets;
  /// By the prefix of the header's name: who brings it.
  std::map<std::string, std::string> third_parties;
};

/// Throws std::runtime_error at a line that is none of these.
[[nodiscard]] Fence ReadFence(std::istream& lines);

/// What that file includes and may not, a line each for people; empty: nothing. A target includes
/// its own headers, those of what it depends on, of the third parties that it names, and the
/// standard library's. Every file belongs to a target.
[[nodiscard]] std::vector<std::string> FindTrespasses(const Fence& fence, const std::string& path,
                                                      std::string_view text);

/// "TARGET NAME": it depends on that target of ours and includes nothing of it.
[[nodiscard]] std::vector<std::string> FindIdleDependencies(
    const Fence& fence, const std::map<std::string, std::string>& text_by_path);

/// Whether the target can reach that dependency, through whatever lies between them.
[[nodiscard]] bool Reaches(const Fence& fence, const std::string& target, const std::string& name);

}  // namespace tests
