// A thread that stands still is seen on /livez, so that Kubernetes restarts the instance, and makes
// no metric untrue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/component/ingest/load/blocked_ingest.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

std::string AdminUrl(const BlockedIngest& ingest, const std::string& path) {
  constexpr std::string_view kField = R"("admin_port":)";
  const std::string log = ingest.Log();
  const std::size_t at = log.find(kField);
  if (at == std::string::npos) return {};
  return "http://127.0.0.1:" + std::to_string(std::stoi(log.substr(at + kField.size()))) + path;
}

TEST(Livez, NamesAThreadThatStandsStill) {
  BlockedIngest ingest({});
  const std::string url = AdminUrl(ingest, "/livez");
  ASSERT_EQ(tests::Get(url).status, 200) << ingest.Log();
  ingest.sink().HoldOffers(true);
  RawConnection sender(ingest.port());
  sender.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  tests::HttpAnswer answer;
  const auto is_seen = [&] {
    answer = tests::Get(url);
    return answer.status == 503;
  };
  EXPECT_TRUE(tests::WaitUntil(is_seen, seconds(40)));
  EXPECT_THAT(answer.body, HasSubstr("HTTP thread"));
  ingest.sink().HoldOffers(false);
  EXPECT_TRUE(tests::WaitUntil([&] { return tests::Get(url).status == 200; }, seconds(40)));
  EXPECT_TRUE(ingest.WaitUntilInFlight(1));
  ingest.StoreAll();
  EXPECT_EQ(Summary(sender.ReadAnswer()), "200");
}

TEST(Livez, NamesTheThreadOfTheDeadlinesIfItStandsStill) {
  BlockedIngest ingest({});
  const std::string url = AdminUrl(ingest, "/livez");
  ingest.sink().HoldTicks(true);
  tests::HttpAnswer answer;
  const auto is_seen = [&] {
    answer = tests::Get(url);
    return answer.status == 503;
  };
  EXPECT_TRUE(tests::WaitUntil(is_seen, seconds(40)));
  EXPECT_THAT(answer.body, HasSubstr("deadlines"));
  ingest.sink().HoldTicks(false);
  EXPECT_TRUE(tests::WaitUntil([&] { return tests::Get(url).status == 200; }, seconds(40)));
}

TEST(ScrapedMetrics, AreTrueAlthoughTheThreadsThatWriteThemStandStill) {
  BlockedIngest ingest({});
  ingest.sink().HoldTicks(true);
  const auto metrics = [&] { return tests::Get(AdminUrl(ingest, "/metrics")).body; };
  EXPECT_THAT(metrics(), HasSubstr("\nsluice_ingest_kafka_up 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("\nsluice_ingest_in_flight 0\n"));
  ingest.sink().SetKafka(false);
  RawConnection sender(ingest.port());
  sender.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  ASSERT_TRUE(ingest.WaitUntilInFlight(1));
  EXPECT_THAT(metrics(), HasSubstr("\nsluice_ingest_kafka_up 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("\nsluice_ingest_in_flight 1\n"));
  ingest.sink().HoldTicks(false);
  ingest.StoreAll();
}

}  // namespace
}  // namespace ingest
