#include "tests/soak/alert_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/harness/process.h"
#include "tests/soak/alert_rules.h"
#include "tests/support/temp_directory.h"

namespace soak {
namespace {

using common::WallTime;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WallTime At(int second) { return WallTime(seconds(second)); }

/// "ingest is killed" from second 100, healed at 110, settled at 120.
InflictedFault KilledIngest() {
  return {
      .fault = AlertFaultOf("ingest"), .inflicted = At(100), .healed = At(110), .settled = At(120)};
}

AlertVerdict Judge(std::vector<Episode> episodes) {
  return JudgeAlerts({.alerts = {"IngestDown"},
                      .faults = {KilledIngest()},
                      .episodes = std::move(episodes),
                      .begun = At(0),
                      .scale = 30});
}

TEST(AlertVerdict, ReportsSecondsFromFaultToAlertAndFromCureToResolution) {
  const AlertVerdict verdict = Judge({{"IngestDown", At(103), At(117)}});
  EXPECT_THAT(verdict.failures, IsEmpty());
  ASSERT_EQ(verdict.table.size(), 2U);
  EXPECT_EQ(verdict.table[0],
            "alert                          fault                                                  "
            "          fires, s resolves, s");
  EXPECT_EQ(verdict.table[1],
            "IngestDown                     ingest is killed                                       "
            "                 3          7");
}

TEST(AlertVerdict, ReportsNeverForAnAlertThatDoesNotFire) {
  EXPECT_THAT(Judge({}).table.back(), HasSubstr("NEVER          -"));
}

TEST(AlertVerdict, FailsIfAnAlertFiresWithoutItsFault) {
  EXPECT_THAT(Judge({{"IngestDown", At(20), At(25)}, {"IngestDown", At(101), At(117)}}).failures,
              ElementsAre("IngestDown fired 20 s after the start for 5 s, without a fault of its "
                          "own"));
  EXPECT_THAT(Judge({{"BreakerOpen", At(101), At(117)}}).failures,
              ElementsAre(HasSubstr("BreakerOpen fired 101 s after")));
}

TEST(AlertVerdict, AllowsAnAlertForFiveScaledMinutesAfterItsFault) {
  EXPECT_THAT(Judge({{"IngestDown", At(132), At(133)}}).failures, IsEmpty());
  EXPECT_THAT(Judge({{"IngestDown", At(133), At(134)}}).failures, testing::SizeIs(1));
}

TEST(AlertVerdict, FailsIfNoFaultRaisesAnAlert) {
  EXPECT_THAT(
      JudgeAlerts({.alerts = {"IngestDown"}, .faults = {}, .episodes = {}, .scale = 30}).failures,
      ElementsAre("no fault was caused to raise IngestDown"));
}

TEST(AlertEpisodes, EndAtAGapOfMoreThanThreeSteps) {
  const auto episodes =
      EpisodesOf("A", {At(1), At(2), At(5), At(9), At(10)}, std::chrono::milliseconds(1000));
  ASSERT_EQ(episodes.size(), 2U);
  EXPECT_EQ(episodes[0].to, At(5));
  EXPECT_EQ(episodes[1].from, At(9));
}

TEST(AlertFaults, RaiseEveryAlertOrGiveAReason) {
  auto alerts = AlertsIn(tests::ReadFile(tests::SourcePath("ops/prometheus/sluice.rules.yml")));
  const auto objectives =
      AlertsIn(tests::ReadFile(tests::SourcePath("ops/prometheus/sluice.slo.yml")));
  alerts.insert(alerts.end(), objectives.begin(), objectives.end());
  ASSERT_GT(alerts.size(), 30U);
  std::set<std::string> raised;
  for (const AlertFault& fault : AlertFaults()) {
    raised.insert(fault.must.begin(), fault.must.end());
    for (const auto& names : {fault.must, fault.along}) {
      for (const std::string& name : names) EXPECT_THAT(alerts, testing::Contains(name));
    }
  }
  for (const std::string& alert : alerts) {
    // Each alert has a fault or a reason. ProviderIsSilent has a reason at scale 1 only.
    EXPECT_NE(raised.contains(alert), !WhyNotRaised(alert, 30).empty()) << alert;
  }
}

}  // namespace
}  // namespace soak
