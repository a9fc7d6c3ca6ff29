#include "ingest/expected_config.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "ingest/policy/route.h"

namespace ingest {
namespace {

using common::config::Section;

/// Where announcements are posted. `prefix`: where callbacks are.
std::string ReadExpectedPath(const Section& section, const std::string& prefix) {
  std::string path;
  if (!section.Require("path", path)) return path;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path.front() != '/' || path.starts_with("//") || path == "/" ||
      path.find_first_of("?# \t") != std::string::npos) {
    section.Mistake("path", "must be a path that starts with one '/', such as /expected");
  } else if (MatchRoute(prefix, path)) {
    section.Mistake("path", prefix.empty() ? "callbacks are received on all paths: set path_prefix"
                                           : "must not be below path_prefix (" + prefix + ")");
  }
  return path;
}

}  // namespace

std::optional<ExpectedConfig> ReadExpected(const Section& root, const std::string& path_prefix) {
  const std::optional<Section> section = root.Child("expected");
  if (!section) return std::nullopt;
  ExpectedConfig expected{.source = {.provider = "expected"}};
  expected.path = ReadExpectedPath(*section, path_prefix);
  if (section->Require("authorization_file", expected.source.file)) {
    if (auto accepted = LoadAuthorization(expected.source)) {
      expected.credentials.accepted = *std::move(accepted);
    } else {
      section->Mistake("authorization_file", accepted.error().detail);
    }
  }
  return expected;
}

void DoubtSharedSecrets(const Section& root, const ExpectedConfig& expected,
                        const common::ProviderTable& providers,
                        const std::vector<Credentials>& credentials) {
  const std::optional<Section> section = root.Child("expected");
  if (!section) return;
  for (std::size_t row = 0; row < credentials.size(); ++row) {
    const auto& accepted = credentials[row].accepted;
    const bool is_shared =
        std::ranges::any_of(expected.credentials.accepted, [&](const std::string& secret) {
          return std::ranges::find(accepted, secret) != accepted.end();
        });
    if (!is_shared) continue;
    section->Doubt("authorization_file", "has a secret of provider " + providers.rows()[row].name +
                                             ": use one that no provider knows");
  }
}

}  // namespace ingest
