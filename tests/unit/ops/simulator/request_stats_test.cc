#include "ops/simulator/request_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const RequestStats::TimePoint kNow{1000h};

TEST(RequestStats, CountsTokenRequestsSeparately) {
  RequestStats stats;
  stats.Began(Resource::kToken, "/p", kNow);
  stats.Began(Resource::kProcess, "/p", kNow);
  stats.Began(Resource::kDossier, "/p", kNow);
  stats.Ended(Resource::kProcess, 200);
  stats.Began(Resource::kProcess, "/p", kNow);
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("in_progress":3,"max_concurrency":3,)"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("max_resource_concurrency":2,)"));
}

TEST(RequestStats, KeepsRequestsInProgressOnReset) {
  RequestStats stats;
  for (int i = 0; i < 3; ++i) stats.Began(Resource::kProcess, "/p", kNow);
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

TEST(RequestStats, CountsRequestsThatViolateRetryAfter) {
  RequestStats stats;
  stats.AskedToWait("/p/1", kNow, kNow + 10s);
  stats.Began(Resource::kToken, "/token", kNow + 5s);
  stats.Began(Resource::kProcess, "/p/2", kNow + 5s);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":0})") << "another host, another path";
  stats.Began(Resource::kProcess, "/p/1", kNow + 5s);
  EXPECT_EQ(Despite(stats), R"("despite_retry_after":1})");
}

}  // namespace
}  // namespace simulator
