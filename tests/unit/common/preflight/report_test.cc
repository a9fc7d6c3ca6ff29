#include "common/preflight/report.h"

#include <gtest/gtest.h>

namespace common::preflight {
namespace {

TEST(Report, HasOneLineForEachCheckInTheOrderOfTheNames) {
  Report report;
  report.Add(Check::kDescriptors, Verdict::kOk, "d");
  report.Add(Check::kTopics, Verdict::kOk, "t");
  report.Add(Check::kTopics, Verdict::kOk, "u");
  EXPECT_EQ(report.Render(), "ok topics: t; u\nok descriptors: d\n");
  EXPECT_EQ(report.status(), 0);
}

TEST(Report, NamesWorstFindingsFirstAndOmitsGoodOnes) {
  Report report;
  report.Add(Check::kTls, Verdict::kOk, "fine");
  report.Add(Check::kTls, Verdict::kWarning, "old");
  report.Add(Check::kTls, Verdict::kWrong, "bad");
  report.Add(Check::kTls, Verdict::kUnasked, "silent");
  EXPECT_EQ(report.Render(), "wrong tls: bad; silent; old\n");
}

TEST(Report, MentionsTheSameFindingOnce) {
  Report report;
  report.Add(Check::kTls, Verdict::kOk, "fine");
  report.Add(Check::kTls, Verdict::kOk, "fine");
  EXPECT_EQ(report.Render(), "ok tls: fine\n");
}

TEST(Report, KeepsALineOnOneLine) {
  Report report;
  report.Add(Check::kApi, Verdict::kOk, "a\nwrong api: b\r\x7f");
  EXPECT_EQ(report.Render(), "ok api: a wrong api: b  \n");
}

TEST(Report, EndsWithTheStatusOfItsWorstFinding) {
  Report report;
  EXPECT_EQ(report.status(), 0);
  report.Add(Check::kSpool, Verdict::kWarning, "w");
  EXPECT_EQ(report.status(), 0) << "a warning is no reason not to start";
  report.Add(Check::kApi, Verdict::kUnasked, "u");
  EXPECT_EQ(report.status(), 1);
  report.Add(Check::kAcl, Verdict::kWrong, "x");
  EXPECT_EQ(report.status(), 2);
  report.Add(Check::kClock, Verdict::kUnasked, "u");
  EXPECT_EQ(report.status(), 2);
}

}  // namespace
}  // namespace common::preflight
