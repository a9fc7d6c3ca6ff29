#include "ops/simulator/sender_rules.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace simulator {
namespace {

/// "accepted", "again", "never again", "again, all held 3600 s".
std::string Describe(const SenderReaction& verdict) {
  if (verdict.accepted) return "accepted";
  std::string text = verdict.may_retry ? "again" : "never again";
  if (verdict.hold_everyone.count() > 0) {
    text += ", all held " + std::to_string(verdict.hold_everyone.count()) + " s";
  }
  return text;
}

struct Answer {
  int status;
  std::string onfido;
  std::string eid;
  std::string readid;
};

void PrintTo(const Answer& answer, std::ostream* out) { *out << "status " << answer.status; }

class SenderRulesAnswers : public testing::TestWithParam<Answer> {};

TEST_P(SenderRulesAnswers, AreJudgedByTheProvidersRules) {
  const Answer& answer = GetParam();
  EXPECT_EQ(Describe(Judge(RulesOf("onfido"), answer.status)), answer.onfido);
  EXPECT_EQ(Describe(Judge(RulesOf("eid"), answer.status)), answer.eid);
  EXPECT_EQ(Describe(Judge(RulesOf("readid"), answer.status)), answer.readid);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SenderRulesAnswers,
    testing::Values(
        Answer{200, "accepted", "accepted", "accepted"}, Answer{202, "again", "again", "accepted"},
        Answer{204, "again", "again", "accepted"}, Answer{299, "again", "again", "accepted"},
        Answer{301, "again", "again", "again"}, Answer{400, "again", "again", "never again"},
        Answer{401, "again", "again", "again"}, Answer{403, "again", "again", "again"},
        Answer{404, "again", "again", "again, all held 3600 s"},
        Answer{405, "again", "again", "again, all held 3600 s"},
        Answer{406, "again", "again", "again, all held 3600 s"},
        Answer{407, "again", "again", "again"}, Answer{408, "again", "again", "again"},
        Answer{410, "again", "again", "again, all held 3600 s"},
        Answer{413, "again", "again", "again"},
        Answer{414, "again", "again", "again, all held 3600 s"},
        Answer{415, "again", "again", "again, all held 3600 s"},
        Answer{429, "again", "again", "again"}, Answer{431, "again", "again", "again"},
        Answer{499, "again", "again", "again"},
        Answer{500, "again", "again", "again, all held 3600 s"},
        Answer{503, "again", "again", "again, all held 3600 s"},
        Answer{599, "again", "again", "again, all held 3600 s"},
        Answer{0, "again", "again", "again"}),
    [](const auto& row) { return "Status" + std::to_string(row.param.status); });

TEST(SenderRules, SendPaperConnectWebidPictureidAndUnknownOnce) {
  for (const char* route : {"paper", "connect", "webid", "pictureid", "stranger"}) {
    EXPECT_EQ(RulesOf(route).Repetitions(), 0U) << route;
  }
}

TEST(SenderRules, TakeAny2xxForAnEventAndRepeatItOtherwise) {
  EXPECT_EQ(Describe(Judge(RulesOf("events"), 200)), "accepted");
  EXPECT_EQ(Describe(Judge(RulesOf("events"), 202)), "accepted");
  EXPECT_EQ(Describe(Judge(RulesOf("events"), 401)), "again");
  EXPECT_EQ(Describe(Judge(RulesOf("events"), 503)), "again");
}

TEST(SenderRules, RetryOnfido5TimesEid14TimesAndReadid24Times) {
  EXPECT_EQ(RulesOf("onfido").Repetitions(), 5U);
  EXPECT_EQ(RulesOf("eid").Repetitions(), 14U);
  EXPECT_EQ(RulesOf("readid").Repetitions(), 24U);
}

}  // namespace
}  // namespace simulator
