#include "tests/soak/alert_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace soak {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Shipped() {
  return tests::ReadFile(tests::SourcePath("ops/prometheus/sluice.rules.yml"));
}

/// Adds all thresholds that must shrink.
std::string With(const std::string& rules) {
  std::string all = rules;
  for (const char* alert : {"SpoolIsOld", "SpoolIsStale", "ResultsAreLate", "CallbackWaitsForLong",
                            "RestoreIsSlow", "AnnouncementsUnread", "LooksOverdue"}) {
    all += std::string("      - alert: ") + alert + "\n        expr: age > 600\n";
  }
  return all;
}

TEST(AlertRules, DivideEveryTimeByTheScale) {
  EXPECT_THAT(ShrinkRules(With("      - alert: A\n"
                               "        expr: rate(a[5m]) > 2 unless b offset 1h\n"
                               "        for: 30s\n"),
                          30),
              HasSubstr("      - alert: A\n"
                        "        expr: rate(a[10000ms]) > 2 unless b offset 120000ms\n"
                        "        for: 1000ms\n"));
}

TEST(AlertRules, DivideThresholdsThatAreWaitingTimes) {
  EXPECT_THAT(ShrinkRules(With(""), 30),
              HasSubstr("- alert: SpoolIsOld\n        expr: age > 20\n"));
}

TEST(AlertRules, ShrinkProviderIsSilentMoreAndProducerRebuiltLess) {
  const std::string rules = ShrinkRules(With("      - alert: ProviderIsSilent\n"
                                             "        expr: a[1h] offset 1d\n"
                                             "      - alert: ProducerRebuilt\n"
                                             "        expr: b[15m]\n"),
                                        30);
  EXPECT_THAT(rules, HasSubstr("a[15000ms] offset 360000ms\n"));
  EXPECT_THAT(rules, HasSubstr("b[90000ms]\n"));
}

TEST(AlertRules, KeepTheSummary) {
  EXPECT_THAT(ShrinkRules(With("          summary: \"for: 5m > 600\"\n"), 30),
              HasSubstr("          summary: \"for: 5m > 600\"\n"));
}

TEST(AlertRules, ThrowIfAThresholdThatMustShrinkIsMissing) {
  EXPECT_THROW((void)ShrinkRules("      - alert: SpoolIsOld\n        expr: age\n", 30),
               std::runtime_error);
}

TEST(AlertRules, KeepEverythingButTheTimesOfTheShippedRules) {
  const std::string rules = Shipped();
  const std::string shrunk = ShrinkRules(rules, 30);
  EXPECT_EQ(WithoutTimes(shrunk), WithoutTimes(rules));
  EXPECT_NE(shrunk, rules);
  EXPECT_EQ(AlertsIn(shrunk), AlertsIn(rules));
}

TEST(AlertRules, ListTheirAlertsInOrder) {
  EXPECT_THAT(AlertsIn("      - alert: B\n        for: 1m\n      - alert: A\n"),
              ElementsAre("B", "A"));
}

}  // namespace
}  // namespace soak
