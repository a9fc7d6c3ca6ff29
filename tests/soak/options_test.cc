#include "tests/soak/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace soak {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kScenarios{"consumers", "outage", "starved", "upgrade"};

Parsed Parse(std::vector<std::string> arguments) {
  return ParseOptions(std::move(arguments), kScenarios);
}

TEST(SoakOptions, LeaveMissingValuesToTheScenario) {
  const auto options = Parse({"starved"}).options;
  ASSERT_TRUE(options);
  EXPECT_EQ(options->scenario, "starved");
  EXPECT_EQ(options->rate, std::nullopt);
  EXPECT_EQ(options->seed, std::nullopt);
  EXPECT_EQ(options->runs, 1);
  EXPECT_EQ(options->nodes, 1);
  EXPECT_EQ(options->scale, 30);
  EXPECT_TRUE(options->MeasuresMemory());
}

TEST(SoakOptions, AreAcceptedOnBothSidesOfTheScenario) {
  const auto options = Parse({"--seed", "7", "starved", "--nodes", "3", "--copies", "1", "--runs",
                              "20", "--preset", "asan"})
                           .options;
  ASSERT_TRUE(options);
  EXPECT_EQ(options->seed, 7U);
  EXPECT_EQ(options->nodes, 3);
  EXPECT_EQ(options->copies, 1);
  EXPECT_EQ(options->runs, 20);
  EXPECT_FALSE(options->MeasuresMemory());
}

TEST(SoakOptions, AllowLostCallbacksOfConsumers) {
  EXPECT_EQ(Parse({"consumers"}).options->lose, 0);
  EXPECT_EQ(Parse({"consumers", "--lose", "5"}).options->lose, 5);
}

TEST(SoakOptions, AllowPoisonAndADeadPartitionInAnOutage) {
  EXPECT_TRUE(Parse({"outage", "--copies", "3", "--poison"}).options);
  const auto options = Parse({"outage", "--poison", "--dead-partition", "--seconds", "30"}).options;
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->poison);
  EXPECT_TRUE(options->dead_partition);
}

TEST(SoakOptions, AreRejectedWithStatus2IfInvalid) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"unheard-of"},
        {"outage", "--unheard-of"},
        {"outage", "--rate", "many"},
        {"outage", "--rate", "-1"},
        {"starved", "--runs", "0"},
        {"starved", "--nodes", "2"},
        {"starved", "--copies", "3"},
        {"starved", "--poison"},
        {"starved", "--lose", "5"},
        {"consumers", "--lose", "100"},
        {"starved", "--old", "/"},
        {"upgrade"},
        {"outage", "--dead-partition", "--copies", "3"}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.options) << testing::PrintToString(arguments);
    EXPECT_EQ(parsed.status, 2) << testing::PrintToString(arguments);
    EXPECT_NE(parsed.output, "") << testing::PrintToString(arguments);
  }
}

TEST(SoakOptions, PrintHelpWithStatus0) {
  const Parsed parsed = Parse({"--help"});
  EXPECT_FALSE(parsed.options);
  EXPECT_EQ(parsed.status, 0);
  EXPECT_THAT(parsed.output, HasSubstr("--dead-partition"));
}

// The command that people call must explain every option of the program.
TEST(SoakOptions, AppearInTheUsageOfTheCommand) {
  const std::string usage = tests::ReadFile(tests::SourcePath("ops/soak"));
  for (const char* option :
       {"rate", "seconds", "count", "callbacks", "lose", "runs", "nodes", "copies", "scale",
        "healthy", "poison", "dead-partition", "seed", "preset", "bin"}) {
    EXPECT_THAT(usage, HasSubstr("\n#   --" + std::string(option) + " ")) << option;
  }
}

}  // namespace
}  // namespace soak
