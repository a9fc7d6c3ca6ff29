#include "common/config/expected_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ExpectedSettings, AreOffUnlessThereIsASection) {
  std::optional<ExpectedSettings> settings;
  const auto read = [&](const Section& root) { settings = ReadExpectedSettings(root); };
  EXPECT_THAT(MistakesOf("", read), IsEmpty());
  EXPECT_FALSE(settings);
  EXPECT_THAT(MistakesOf("expected:\n", read), IsEmpty());
  EXPECT_FALSE(settings);
  EXPECT_THAT(MistakesOf("expected: {}\n", read), IsEmpty());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->within, hours(1));
  EXPECT_EQ(settings->max_wait, hours(24));
  EXPECT_EQ(settings->rate, 5);
}

TEST(ExpectedSettings, ReadEachKey) {
  std::optional<ExpectedSettings> settings;
  EXPECT_THAT(MistakesOf("expected: { within: 10m, max_wait: 48h, rate: 0.5 }",
                         [&](const Section& root) { settings = ReadExpectedSettings(root); }),
              IsEmpty());
  EXPECT_EQ(settings->within, minutes(10));
  EXPECT_EQ(settings->max_wait, hours(48));
  EXPECT_EQ(settings->rate, 0.5);
}

TEST(ExpectedSettings, RefuseAWaitThatEndsBeforeTheCallbackIsDue) {
  const auto read = [](const Section& root) { (void)ReadExpectedSettings(root); };
  EXPECT_THAT(MistakesOf("expected: { within: 2h, max_wait: 1h }", read),
              ElementsAre("f.yaml:1:21: expected.within: within (2h) must not be longer than "
                          "max_wait (1h)"));
  EXPECT_THAT(MistakesOf("expected: { max_wait: 30m }", read),
              ElementsAre("f.yaml:1:23: expected.max_wait: within (1h) must not be longer than "
                          "max_wait (30m)"));
  EXPECT_EQ(MistakesOf("expected: { max_wait: 8d, rate: 0, path: /expected }", read).size(), 3U);
}

}  // namespace
}  // namespace common::config
