#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <regex>
#include <string>

#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/ingest/table_world.h"

// Promise P3 over real sockets, against the built program: every situation of the table that a
// client, the broker or the load can cause, for every sender. Only an internal error cannot be
// caused from outside.
namespace ingest {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;

/// The answers counted in /metrics, by status.
std::map<int, std::uint64_t> AnswersCounted(const RunningIngest& ingest) {
  static const std::regex line(
      "sluice_ingest_answers_total\\{provider=\"[a-z]+\",status=\"(\\d+)\"\\} (\\d+)");
  const std::string metrics = ingest.Metrics();
  std::map<int, std::uint64_t> counted;
  for (std::sregex_iterator at(metrics.begin(), metrics.end(), line), end; at != end; ++at) {
    const std::uint64_t count = std::stoull((*at)[2]);
    if (count > 0) counted[std::stoi((*at)[1])] += count;
  }
  return counted;
}

TEST_F(AnswerTableTest, HoldsWhileKafkaAcceptsAndTheTopicHasExactlyThe200s) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  const TableResult result = ExpectTable(ingest, "Kafka takes callbacks", AllRequests(), kDurable);
  EXPECT_THAT(FindDifferences(result, kafka.ReadAll(topic), Copies::kExact), IsEmpty());
  const auto all_are_counted = [&] { return AnswersCounted(ingest) == result.statuses; };
  EXPECT_TRUE(result.is_repeated || tests::WaitUntil(all_are_counted, seconds(5)))
      << "counted " << ::testing::PrintToString(AnswersCounted(ingest)) << ", seen "
      << ::testing::PrintToString(result.statuses);
  ExpectQuiet(ingest);
}

TEST_F(AnswerTableTest, HoldsFromTheStartWithoutABroker) {
  RunningIngest ingest(TableOptions("ack_deadline: 500ms\n"));
  ExpectTable(ingest, "no broker", AllRequests(), kNotDurable);
  ExpectQuiet(ingest);
}

TEST_F(AnswerTableTest, HoldsIfNoProviderHasCredentials) {
  auto options = Options();
  options.providers = "  {}\n";
  RunningIngest ingest(options);
  ExpectTable(ingest, "no credentials", OneRequest(), Same("401"));
}

TEST_F(AnswerTableTest, HoldsIfAuthIsNoneForEveryProvider) {
  auto options = Options();
  options.providers = ProvidersWith("{ auth: none }");
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  for (const Sender& sender : Senders()) {
    for (const char* authorization : {"", "wrong"}) {
      tests::RawClient client(ingest.port());
      client.Send(Post({sender, "-", "{}"}, {.authorization = authorization}));
      EXPECT_EQ(client.Read().value_or(tests::RawAnswer{}).status, 200) << sender.name;
    }
  }
}

TEST_F(AnswerTableTest, HoldsWhileDraining) {
  RunningIngest ingest(Options(kDrains));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  ExpectThroughADrain(ingest, kDurable);
}

TEST_F(AnswerTableTest, HoldsWhileDrainingWithoutABroker) {
  RunningIngest ingest(TableOptions(kDrains));
  ExpectThroughADrain(ingest, kNotDurable);
}

}  // namespace
}  // namespace ingest
