#include "tests/bench/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/sections.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Parsed Parse(std::vector<std::string> arguments) {
  return ParseOptions(std::move(arguments), {"http", "spool"});
}

TEST(BenchOptions, DefaultToFiveRoundsOfFourSecondsOfEverySection) {
  const auto options = Parse({}).options;
  ASSERT_TRUE(options);
  EXPECT_THAT(options->sections, ElementsAre("http", "spool"));
  EXPECT_EQ(options->rounds, 5);
  EXPECT_EQ(options->Seconds(), 4);
}

TEST(BenchOptions, ShortenRoundsIfQuickOrSmoke) {
  EXPECT_EQ(Parse({"--quick"}).options->rounds, 2);
  EXPECT_EQ(Parse({"--quick"}).options->Seconds(), 1);
  EXPECT_EQ(Parse({"--smoke", "spool"}).options->rounds, 1);
  EXPECT_EQ(Parse({"--smoke", "spool"}).options->Seconds(), 0.1);
  EXPECT_EQ(Parse({"--smoke", "--rounds", "3"}).options->rounds, 3);
  EXPECT_THAT(Parse({"--smoke", "spool"}).options->sections, ElementsAre("spool"));
}

TEST(BenchOptions, RejectUnknownArgumentsWithStatus2) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"unheard-of"},
                                                    {"--unheard-of"},
                                                    {"--rounds", "0"},
                                                    {"--rounds", "many"},
                                                    {"--rows", "0"}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.options) << testing::PrintToString(arguments);
    EXPECT_EQ(parsed.status, 2) << testing::PrintToString(arguments);
    EXPECT_NE(parsed.output, "") << testing::PrintToString(arguments);
  }
}

TEST(BenchOptions, AreListedInTheUsageOfOpsBenchRunWithEverySection) {
  const std::string usage = tests::ReadFile(tests::SourcePath("ops/bench/run"));
  for (const char* option : {"quick", "smoke", "rounds", "rows", "bin", "dir"}) {
    EXPECT_THAT(usage, HasSubstr("\n#   --" + std::string(option) + " ")) << option;
  }
  for (const BenchSection& section : AllSections()) {
    EXPECT_THAT(usage, HasSubstr("\n#   " + section.name + " ")) << section.name;
  }
}

}  // namespace
}  // namespace bench
