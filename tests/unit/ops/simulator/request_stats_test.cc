#include "ops/simulator/request_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const RequestStats::TimePoint kNow{1000h};

TEST(RequestStats, CountsTokensApartFromWhatTheyAreFor) {
  RequestStats stats;
  stats.Began(Resource::kToken, kNow);
  stats.Began(Resource::kProcess, kNow);
  stats.Began(Resource::kDossier, kNow);
  stats.Ended(Resource::kProcess, 200);
  stats.Began(Resource::kProcess, kNow);
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("in_progress":3,"max_concurrency":3,)"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("max_resource_concurrency":2,)"));
}

TEST(RequestStats, CountsAnewWithWhatIsInProgress) {
  RequestStats stats;
  for (int i = 0; i < 3; ++i) stats.Began(Resource::kProcess, kNow);
  stats.Ended(Resource::kProcess, 200);
  stats.Reset();
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("process":{})"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("in_progress":2,"max_concurrency":2,)"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("max_resource_concurrency":2,)"));
}

std::string Despite(const RequestStats& stats) {
  const std::string json = stats.ToJson();
  return json.substr(json.find("\"despite"));
}

TEST(RequestStats, CountsWhatBeginsAlthoughItShouldWait) {
  RequestStats stats;
  stats.Began(Resource::kProcess, kNow);
  stats.AskedToWait(kNow + 20ms, kNow + 10s);
  stats.Began(Resource::kProcess, kNow + 900ms);  // May have been on its way.
  stats.Began(Resource::kProcess, kNow + 10s);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":0})");
  stats.Began(Resource::kToken, kNow + 5s);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":0})") << "another host";
  stats.Began(Resource::kDossier, kNow + 5s);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":1})");
}

TEST(RequestStats, GivesNoTimeToHearWhatIsOnlySaidAgain) {
  RequestStats stats;
  stats.AskedToWait(kNow, kNow + 10s);
  stats.AskedToWait(kNow + 8s, kNow + 18s);
  stats.Began(Resource::kProcess, kNow + 8100ms);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":1})");
  stats.AskedToWait(kNow + 20s, kNow + 30s);
  stats.Began(Resource::kProcess, kNow + 20100ms);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":1})") << "has only just been said";
}

}  // namespace
}  // namespace simulator
