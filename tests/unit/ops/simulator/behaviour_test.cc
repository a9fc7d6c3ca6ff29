#include "ops/simulator/behaviour.h"

#include <gtest/gtest.h>

namespace simulator {
namespace {

using namespace std::chrono_literals;

std::string ErrorOf(const common::Result<Behaviour>& parsed) {
  return parsed ? "none" : parsed.error().detail;
}

TEST(Behaviour, InjectsNoFaultsByDefault) {
  const auto parsed = ParseBehaviour("{}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, Behaviour{});
}

TEST(Behaviour, ReadsEveryKey) {
  const auto parsed = ParseBehaviour(
      R"({"latency_ms":20,"error_rate":0.25,"status":429,"retry_after_s":3,"token_status":503,)"
      R"("down":true,"pending_for_s":1.5,"missing":["a","b"],"body":"huge",)"
      R"("status_of":{"p1":403,"d2":500},"content_encoding":"UTF-8"})");
  ASSERT_TRUE(parsed) << ErrorOf(parsed);
  EXPECT_EQ(*parsed, (Behaviour{.latency = 20ms,
                                .error_rate = 0.25,
                                .status = 429,
                                .retry_after = 3s,
                                .down = true,
                                .pending_for = 1500ms,
                                .missing_rate = 0,
                                .missing_ids = {"a", "b"},
                                .status_of = {{"p1", 403}, {"d2", 500}},
                                .body = BodyKind::kHuge,
                                .content_encoding = "UTF-8",
                                .token_status = 503}));
}

TEST(Behaviour, SurvivesARoundTripThroughJson) {
  for (const char* json :
       {"{}", R"({"missing":0.125,"error_rate":0.5})", R"({"status":403})", R"({"status":200})",
        R"({"missing":["x\"y"],"body":"garbage","pending_for_s":0.25})",
        R"({"status_of":{"x\"y":401,"a":500},"body":"foreign"})",
        R"({"content_encoding":"none","body":"page"})"}) {
    const auto parsed = ParseBehaviour(json);
    ASSERT_TRUE(parsed) << json << ErrorOf(parsed);
    const auto again = ParseBehaviour(ToJson(*parsed));
    ASSERT_TRUE(again) << ToJson(*parsed) << ErrorOf(again);
    EXPECT_EQ(*again, *parsed) << ToJson(*parsed);
  }
}

TEST(Behaviour, AppliesALoneStatusToEveryRequest) {
  EXPECT_EQ(ParseBehaviour(R"({"status":503})")->error_rate, 1);
  EXPECT_EQ(ParseBehaviour(R"({"status":503,"error_rate":0.1})")->error_rate, 0.1);
  EXPECT_EQ(ParseBehaviour(R"({"error_rate":0.1})")->status, 500);
  EXPECT_EQ(ParseBehaviour(R"({"status":200,"error_rate":0.1})")->error_rate, 0);
}

TEST(Behaviour, RejectsInvalidKeysByName) {
  EXPECT_EQ(ErrorOf(ParseBehaviour("latency")), "not JSON");
  EXPECT_EQ(ErrorOf(ParseBehaviour("[]")), "not a JSON object");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"latency":1})")), "unknown key 'latency'");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"latency_ms":-1})")),
            "latency_ms must be a number of milliseconds");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"error_rate":1.5})")),
            "error_rate must be a number from 0 to 1");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"status":201})")), "status must be 200, or 300 to 599");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"status":"500"})")), "status must be 200, or 300 to 599");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"down":1})")), "down must be true or false");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"missing":[1]})")),
            "missing must be a number from 0 to 1, or a list of ids");
  EXPECT_EQ(ErrorOf(ParseBehaviour(R"({"body":"odd"})")),
            "body must be normal, garbage, huge, page or foreign");
}

TEST(Behaviour, IsReadFromOptionsToo) {
  const auto parsed = BehaviourFromOptions(
      {{"latency-ms", "20"}, {"missing", "a,b"}, {"body", "garbage"}, {"down", "true"}});
  ASSERT_TRUE(parsed) << ErrorOf(parsed);
  EXPECT_EQ(
      *parsed,
      (Behaviour{
          .latency = 20ms, .down = true, .missing_ids = {"a", "b"}, .body = BodyKind::kGarbage}));
  EXPECT_EQ(BehaviourFromOptions({{"missing", "0.5"}})->missing_rate, 0.5);
  EXPECT_EQ(ErrorOf(BehaviourFromOptions({{"latency-ms", "soon"}})),
            "latency_ms must be a number of milliseconds");
}

TEST(Behaviour, ReadsStatusesOfIdsFromTheCommandLine) {
  const auto parsed = BehaviourFromOptions({{"status-of", "p1=403,p2=500"}});
  ASSERT_TRUE(parsed) << ErrorOf(parsed);
  EXPECT_EQ(parsed->status_of, (std::map<std::string, int, std::less<>>{{"p1", 403}, {"p2", 500}}));
  EXPECT_FALSE(BehaviourFromOptions({{"status-of", "p1"}}));
  EXPECT_FALSE(BehaviourFromOptions({{"status-of", "p1=200"}}));
  EXPECT_FALSE(ParseBehaviour(R"({"status_of":["p1"]})"));
}

}  // namespace
}  // namespace simulator
