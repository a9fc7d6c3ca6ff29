#include "common/config/problem.h"

namespace common::config {

std::string JoinKey(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string Render(const std::string& file, const Problem& problem) {
  std::string text = file + ":";
  if (problem.line > 0) {
    text += std::to_string(problem.line) + ":" + std::to_string(problem.column) + ":";
  }
  if (!problem.key.empty()) text += " " + problem.key + ":";
  return text + " " + problem.message;
}

}  // namespace common::config
