#include "ops/ctl/shell/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/ctl/commands.h"

namespace ctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

common::Result<int> DoNothing(const Arguments& /*arguments*/, Output& /*output*/) { return 0; }

TEST(ManPage, EscapesGroffsControlCharacters) {
  const std::vector<Command> commands = {
      {"dead show", "shows\n.one\n'two' a\\b", {{"--by-key", "K", "the key"}}, DoNothing, {"P:O"}}};
  const std::string page = ManPage(commands);
  EXPECT_THAT(page, StartsWith(".TH SLUICECTL 1 "));
  EXPECT_THAT(page, HasSubstr(".SS \"dead show P:O\"\nshows\n\\&.one\n\\&'two' a\\eb\n"
                              ".TP\n\\fB\\-\\-by\\-key\\fR \\fIK\\fR\nthe key\n"));
}

TEST(ManPage, HasEachCommandAndItsOptions) {
  const std::string page = ManPage(Commands());
  for (const Command& command : Commands()) {
    EXPECT_THAT(page, HasSubstr(".SS \"" + std::string(command.words)));
  }
  EXPECT_THAT(page, HasSubstr("SLUICE_CONFIG"));
  EXPECT_THAT(page, testing::Each(testing::Gt('\0'))) << "groff reads ASCII";
}

}  // namespace
}  // namespace ctl
