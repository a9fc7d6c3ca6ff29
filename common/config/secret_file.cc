#include "common/config/secret_file.h"

#include <string_view>

#include "common/base/text.h"
#include "common/config/file.h"

namespace common::config {
namespace {

Error Unusable(const std::string& path, const std::string& why) {
  return Error{Remedy::kReject, "secret_file", "the file " + path + " " + why};
}

}  // namespace

Result<std::string> ReadSecretFile(const std::string& path) {
  Result<std::string> content = ReadFile(path);
  if (!content) return content;
  std::string_view secret = *content;
  if (!secret.empty() && secret.back() == '\n') secret.remove_suffix(1);
  if (!secret.empty() && secret.back() == '\r') secret.remove_suffix(1);
  if (secret.empty()) return Unusable(path, "is empty");
  return std::string(secret);
}

Result<std::vector<std::string>> SecretLinesOf(const std::string& path, std::string_view content) {
  std::vector<std::string> lines;
  for (std::string_view rest = content; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = TrimAscii(rest.substr(0, end));
    if (!line.empty()) lines.emplace_back(line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (lines.empty()) return Unusable(path, "is empty");
  return lines;
}

Result<std::vector<std::string>> ReadSecretLines(const std::string& path) {
  const Result<std::string> content = ReadFile(path);
  if (!content) return content.error();
  return SecretLinesOf(path, *content);
}

}  // namespace common::config
