// References in comments and documents resolve within the project, so that a reader can follow
// them.
#include "tests/architecture/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/architecture/project.h"

namespace tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Referents& Sample() {
  static const Referents kReferents = {
      .files = {"README.md", "ops/docs/runbook.md", "ops/docs/adr/0007-commit.md"},
      .identifiers = {"P1", "A3"}};
  return kReferents;
}

TEST(References, AreFoundWhereTheyAreDefined) {
  EXPECT_THAT(IdentifiersIn("| P4 | Each fact is published once. |\n"
                            "* **A1** A transaction carries\n"
                            "Promise P9 is only cited.\n"),
              ElementsAre("A1", "P4"));
}

TEST(References, ResolveInCommentsAndDocuments) {
  EXPECT_THAT(FindDanglingReferences(Sample(), "consumer/lane/lane.cc",
                                     "// Promise P1, guard A3 of ADR 0007.\n"
                                     "int P2 = Read(\"interface.md\");\n"
                                     "/// See ops/docs/runbook.md, or just runbook.md.\n"),
              IsEmpty());
}

TEST(References, AreReportedIfTheyDangle) {
  EXPECT_THAT(FindDanglingReferences(Sample(), "consumer/lane/lane.cc",
                                     "int x;  // Promise P2\n/// ADR 0099\n// domain.md 3.4\n"),
              ElementsAre("consumer/lane/lane.cc:1: P2", "consumer/lane/lane.cc:2: ADR 0099",
                          "consumer/lane/lane.cc:3: domain.md"));
  EXPECT_THAT(FindDanglingReferences(Sample(), "ops/docs/runbook.md", "see A1 and other.md\n"),
              ElementsAre("ops/docs/runbook.md:1: A1", "ops/docs/runbook.md:1: other.md"));
}

TEST(References, AreReadInCommentsOfScripts) {
  EXPECT_THAT(FindDanglingReferences(Sample(), "ops/soak", "a=P2\n# Promise P3, issue 12\n"),
              ElementsAre("ops/soak:2: P3", "ops/soak:2: issue 12"));
}

TEST(NamedCode, IsReportedIfItIsGone) {
  const std::set<std::string> words = WordsIn("class Lane { void Turn(); };  // kFine");
  EXPECT_THAT(
      FindGoneCode(words, {"lane/lane.h"}, "a.md",
                   "`Lane::Turn` and `Lane::Turn()`, `lane/lane.h`, `kFine`, `CMakeLists.txt`\n"
                   "`Lane::Take`, `Loop`\n`lane/loop.h`\n"),
      ElementsAre("a.md:2: Lane::Take", "a.md:2: Loop", "a.md:3: lane/loop.h"));
}

/// Documents, sources, and scripts with and without an extension.
std::map<std::string, std::string> Texts() {
  auto texts = ProjectTexts({".md", ".cc", ".h", ".sh", ".py", ".yml", ".yaml", ".cmake", ".txt",
                             ".pml", ".cfg", ".conf", ""});
  std::erase_if(texts, [](const auto& file) {
    const auto& [path, text] = file;
    const bool has_extension = path.find('.', path.rfind('/') + 1) != std::string::npos;
    return !has_extension && !text.starts_with("#!");
  });
  return texts;
}

TEST(ProjectReferences, Resolve) {
  const auto texts = Texts();
  EXPECT_TRUE(texts.contains("ops/soak"));
  Referents referents;
  for (const auto& [path, text] : texts) {
    referents.files.insert(path);
    if (!path.ends_with(".md")) continue;
    const auto defined = IdentifiersIn(text);
    referents.identifiers.insert(defined.begin(), defined.end());
  }
  for (const char* identifier : {"P1", "P10", "A1", "A2", "A3", "I1", "I2", "I3"}) {
    EXPECT_TRUE(referents.identifiers.contains(identifier)) << identifier;
  }
  for (const auto& [path, text] : texts) {
    if (path.starts_with("tests/architecture/")) continue;  // Its samples dangle on purpose.
    for (const std::string& dangling : FindDanglingReferences(referents, path, text)) {
      ADD_FAILURE() << dangling;
    }
  }
}

// A walk through the code leads a newcomer astray if a function has another name by now.
TEST(ProjectDocuments, NameTheCodeThatThereIs) {
  std::set<std::string> words;
  std::set<std::string> files;
  for (const auto& [path, text] : ProjectTexts({".cc", ".h"})) {
    files.insert(path);
    words.merge(WordsIn(text));
  }
  for (const auto& [path, text] : ProjectTexts({".md"})) {
    if (path != "ops/docs/developing.md" && path != "ops/docs/architecture.md") continue;
    for (const std::string& gone : FindGoneCode(words, files, path, text)) ADD_FAILURE() << gone;
  }
}

}  // namespace
}  // namespace tests
