// Compares the keys in ops/docs/configuration.md with those that the binaries read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/ops/docs/configuration_reference.h"

namespace tests {
namespace {

using common::config::Problem;
using testing::ContainerEq;

/// Turns "fetch.backoff" with content into "fetch: { backoff: content }". A row of providers is one
/// of events, which has all keys.
std::string Nested(const std::string& path, std::string content) {
  std::vector<std::string> names = SplitList(path, '.');
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const bool is_row = name + 2 == names.rend() && *(name + 1) == "providers";
    const std::string more = is_row ? "kind: events, " : "";
    content = *name + ": " + (name == names.rbegin() ? content : "{ " + more + content + " }");
  }
  return content + "\n";
}

/// The keys that a reader knows in a section: it lists them when asked for an unknown one. Empty if
/// the path is not a section.
std::vector<std::string> KeysOfSection(const FindProblems& read, const std::string& path) {
  static const std::string kNobody = "nobody-has-this-key";
  static const std::string_view kKnown = "known here: ";
  const std::string yaml =
      path.empty() ? kNobody + ": 1\n" : Nested(path, "{ " + kNobody + ": 1 }");
  for (const Problem& problem : read(yaml)) {
    const std::size_t list = problem.message.find(kKnown);
    if (problem.key != (path.empty() ? kNobody : path + "." + kNobody)) continue;
    if (list != std::string::npos) return SplitList(problem.message.substr(list + kKnown.size()));
  }
  return {};
}

/// All keys that a reader knows, with sections expanded: "fetch.backoff.cap".
Keys KeysIn(const FindProblems& read, const std::string& path = "") {
  Keys keys;
  for (const std::string& key : KeysOfSection(read, path)) {
    const std::string whole = path.empty() ? key : std::string(path).append(".").append(key);
    Keys below = KeysIn(read, whole);
    if (below.empty()) below.insert(whole);
    keys.merge(below);
  }
  return keys;
}

/// Removes sections, such as `retry_schedule` if there is `retry_schedule.every`.
Keys WithoutSections(const Keys& keys) {
  Keys leaves;
  for (const std::string& key : keys) {
    const auto next = keys.upper_bound(key + ".");
    if (next == keys.end() || !next->starts_with(key + ".")) leaves.insert(key);
  }
  return leaves;
}

Keys FirstCells(const std::vector<TableRow>& rows) {
  Keys keys;
  for (const TableRow& row : rows) keys.insert(row.at(0));
  return keys;
}

TEST(ConfigurationReference, HasEveryKeyOfIngestAndNoOther) {
  EXPECT_THAT(FirstCells(DocumentedUnder("## ingest.yaml")), ContainerEq(KeysIn(ProblemsOfIngest)));
}

TEST(ConfigurationReference, HasEveryKeyOfConsumerAndNoOther) {
  EXPECT_THAT(FirstCells(DocumentedUnder("## consumer.yaml")),
              ContainerEq(KeysIn(ProblemsOfConsumer)));
}

TEST(ConfigurationReference, HasEveryKeyOfAnAccountAndNoOther) {
  Keys documented;
  for (const std::string& key : FirstCells(DocumentedUnder("### Several accounts"))) {
    documented.insert("accounts.a." + key);
  }
  EXPECT_THAT(documented, ContainerEq(KeysIn(ProblemsOfConsumer, "accounts.a")));
}

TEST(ConfigurationReference, HasEveryKeyOfAProviderRowAndNoOther) {
  Keys documented;
  std::string text = ReadFile(SourcePath("ops/docs/configuration.md"));
  // The second table of the section.
  const std::size_t second = text.find("| key of a row |");
  ASSERT_NE(second, std::string::npos);
  for (const TableRow& row : TableUnder("## keys\n" + text.substr(second), "## keys")) {
    const std::string& user = row.at(1);
    ASSERT_TRUE(user == "both" || user == "ingest" || user == "consumer") << row.at(0);
    documented.insert("providers.onfido." + row.at(0));
  }
  EXPECT_THAT(WithoutSections(documented),
              ContainerEq(KeysIn(ProblemsOfIngest, "providers.onfido")));
  EXPECT_THAT(WithoutSections(documented),
              ContainerEq(KeysIn(ProblemsOfConsumer, "providers.onfido")));
}

}  // namespace
}  // namespace tests
