#include "ops/ctl/shell/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

common::Result<int> DoNothing(const Arguments& /*arguments*/, Output& /*output*/) { return 0; }

const std::vector<Command>& SomeCommands() {
  static const std::vector<Command> commands = {
      {"topics create", "makes them\nall", {{"--partitions", "N", "how many"}}, DoNothing},
      {"topics check", "looks at them", {}, DoNothing},
      {"status", "shows it", {{"--watch", "", "repeats"}}, DoNothing},
      {"dead show", "shows one", {}, DoNothing, {"PARTITION:OFFSET"}},
  };
  return commands;
}

std::vector<std::string> Words(const std::vector<std::string_view>& typed) {
  std::vector<std::string> words;
  for (const Completion& one : Complete(SomeCommands(), typed)) words.push_back(one.word);
  return words;
}

TEST(Completion, OffersCommandsWordByWord) {
  EXPECT_THAT(Words({""}),
              ElementsAre("topics", "status", "dead", "help", "version", "completion"));
  EXPECT_EQ(Words({}), Words({""}));
  EXPECT_THAT(Words({"t"}), ElementsAre("topics"));
  EXPECT_THAT(Words({"topics", ""}), ElementsAre("create", "check"));
  EXPECT_THAT(Words({"topics", "cr"}), ElementsAre("create"));
  EXPECT_THAT(Words({"topics", "create", ""}), IsEmpty());
  EXPECT_THAT(Words({"nothing", ""}), IsEmpty());
  EXPECT_THAT(Words({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(Words({"help", "to"}), ElementsAre("topics"));
  EXPECT_THAT(Words({"help", "topics", "c"}), ElementsAre("create", "check"));
}

TEST(Completion, OffersTheOptionsOfTheCommandThatAreNotGivenYet) {
  EXPECT_THAT(Words({"status", "--"}), Contains("--watch"));
  EXPECT_THAT(Words({"status", "--"}), Contains("--config"));
  EXPECT_THAT(Words({"status", "--"}), Not(Contains("--partitions")));
  EXPECT_THAT(Words({"topics", "create", "--pa"}), ElementsAre("--partitions"));
  EXPECT_THAT(Words({"status", "--watch", "--w"}), IsEmpty());
  EXPECT_THAT(Words({"--json", "status", "--js"}), IsEmpty());
  EXPECT_THAT(Words({"--config=f", "status", "--conf"}), IsEmpty());
}

TEST(Completion, SkipsValuesOfOptions) {
  EXPECT_THAT(Words({"--config", ""}), IsEmpty());
  EXPECT_THAT(Words({"--config", "status", "topics", "ch"}), ElementsAre("check"));
  EXPECT_THAT(Words({"--config=f", "topics", "ch"}), ElementsAre("check"));
}

TEST(Completion, SkipsAValueThatBashHasTakenApart) {
  EXPECT_THAT(Words({"--config", "="}), IsEmpty());
  EXPECT_THAT(Words({"--config", "=", "d"}), IsEmpty());
  EXPECT_THAT(Words({"--config", "=", "f", "topics", "ch"}), ElementsAre("check"));
}

TEST(Completion, DescribesEachWordInOneLine) {
  const std::vector<std::string_view> typed = {"topics", "c"};
  EXPECT_EQ(RenderCompletions(Complete(SomeCommands(), typed)),
            "create\tmakes them\ncheck\tlooks at them\n");
}

TEST(Completion, HasAScriptForThreeShells) {
  for (const std::string_view shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(std::string(CompletionScript(shell).value_or("")), testing::HasSubstr("complete "))
        << shell;
  }
  EXPECT_FALSE(CompletionScript("tcsh"));
}

}  // namespace
}  // namespace ctl
