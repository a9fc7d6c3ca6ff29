#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/config/environment.h"
#include "common/domain/key_partition.h"
#include "common/domain/record_headers.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// POST /expected against a real broker: the records on the topic after each answer.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Pair;

constexpr int kPartitions = 12;

std::string Announcement(const std::string& process) {
  return R"({"dossierId":"d","processId":")" + process + R"(","provider":"onfido"})";
}

std::string Lines(int count, const std::string& prefix) {
  std::string body;
  for (int i = 0; i < count; ++i) body += Announcement(prefix + std::to_string(i)) + "\n";
  return body;
}

/// ingest with the route, on topics of its own.
class Route {
 public:
  explicit Route(const std::string& bootstrap, std::string callbacks, const std::string& more = "")
      : callbacks_(std::move(callbacks)),
        secrets_(directory_.Write("expected", "secret-1\nsecret-2\n")),
        ingest_({.bootstrap = bootstrap,
                 .topic = callbacks_,
                 .more = "expected: { path: /expected, authorization_file: " + secrets_.string() +
                         " }\n" + more}) {}

  [[nodiscard]] tests::HttpAnswer Announce(const std::string& body,
                                           tests::HttpFields fields = {}) const {
    fields.emplace_back("Authorization", "secret-2");
    return tests::Post(ingest_.Url("/expected"), body, fields);
  }
  [[nodiscard]] int Callback(const std::string& process) const {
    return tests::Post(ingest_.Url("/callbacks/onfido"),
                       R"({"dossierId":"d","processId":")" + process + R"(","status":"accepted"})",
                       {{"Authorization", "onfido-secret"}})
        .status;
  }
  /// True once an announcement is answered with this status.
  [[nodiscard]] bool WaitForStatus(int status, seconds limit = seconds(30)) const {
    return tests::WaitUntil([&] { return Announce(Announcement("probe")).status == status; }, limit,
                            milliseconds(100));
  }
  [[nodiscard]] RunningIngest& ingest() { return ingest_; }
  [[nodiscard]] std::string topic() const { return callbacks_ + ".expected"; }

 private:
  std::string callbacks_;
  tests::TempDirectory directory_;
  std::filesystem::path secrets_;
  RunningIngest ingest_;
};

class ExpectedTest : public ::testing::Test {
 protected:
  ExpectedTest()
      : kafka(tests::Broker::Shared().bootstrap()),
        callbacks(kafka.CreateUniqueTopic("callbacks", {.partitions = kPartitions})) {}

  void CreateTopic(int partitions = kPartitions) {
    kafka.CreateTopic(callbacks + ".expected", {.partitions = partitions});
  }

  /// The processes on the topic, each as often as it is there.
  std::multiset<std::string> Stored() {
    std::multiset<std::string> keys;
    for (const tests::Record& record : kafka.ReadAll(callbacks + ".expected")) {
      if (record.key != "probe") keys.insert(record.key.value_or("none"));
    }
    return keys;
  }

  tests::KafkaClient kafka;
  std::string callbacks;
};

TEST_F(ExpectedTest, AreStoredUnderTheirProcessInThePartitionOfItsCallbacks) {
  CreateTopic();
  Route route(tests::Broker::Shared().bootstrap(), callbacks);
  ASSERT_TRUE(route.WaitForStatus(200));
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto answer =
      route.Announce(R"({"dossierId":" d-1 ","processId":" 3065980B-F26B-4EC2-8987-7833B7781DAE ",)"
                     R"("provider":"SignicatVideoID","within":"90m"})",
                     {{"traceparent", traceparent}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"accepted\":1}\n");
  EXPECT_EQ(answer.Field("Content-Type"), "application/json");

  std::vector<tests::Record> records = kafka.ReadAll(route.topic());
  std::erase_if(records, [](const auto& record) { return record.key == "probe"; });
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "3065980b-f26b-4ec2-8987-7833b7781dae");
  EXPECT_EQ(common::Partition(records[0].partition),
            common::PartitionOf(*records[0].key, kPartitions));
  EXPECT_EQ(records[0].value,
            R"({"dossierId":"d-1","processId":"3065980b-f26b-4ec2-8987-7833b7781dae",)"
            R"("provider":"eid","within":"90m"})");
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& header : records[0].headers) headers.emplace_back(header.name, header.value);
  EXPECT_THAT(headers, ElementsAre(Pair("received-at", MatchesRegex("....-..-..T..:..:..\\....Z")),
                                   Pair("request-id", answer.Field("X-Request-Id")),
                                   Pair("traceparent", traceparent), Pair("schema", "1"),
                                   Pair("ingest-instance", common::config::HostName())));
  EXPECT_EQ(route.Callback("p"), 200);
  EXPECT_THAT(kafka.ReadAll(callbacks), ::testing::SizeIs(1));
}

TEST_F(ExpectedTest, AreStoredAllOrNotAtAll) {
  CreateTopic();
  Route route(tests::Broker::Shared().bootstrap(), callbacks);
  ASSERT_TRUE(route.WaitForStatus(200));
  const auto wrong = route.Announce(Lines(500, "w") + "\n{}\n" + Lines(10, "v"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.body, "{\"line\":502,\"what\":\"dossierId is missing\"}\n");
  EXPECT_EQ(route.Announce(Lines(1001, "w")).status, 413);
  EXPECT_THAT(Stored(), IsEmpty());

  const auto most = route.Announce(Lines(1000, "p"));
  EXPECT_EQ(most.status, 200) << most.body;
  EXPECT_EQ(most.body, "{\"accepted\":1000}\n");
  const auto stored = Stored();
  EXPECT_EQ(stored.size(), 1000U);
  EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()).size(), 1000U);
  EXPECT_THAT(route.ingest().Metrics(),
              HasSubstr("sluice_ingest_expected_total{outcome=\"bad_request\"} 2\n"));
}

TEST_F(ExpectedTest, CostNoCallbackIfTheirTopicIsMissingOrWrong) {
  Route route(tests::Broker::Shared().bootstrap(), callbacks);
  EXPECT_TRUE(route.ingest().WaitUntilReady(seconds(30)));
  EXPECT_TRUE(route.ingest().process().WaitForOutput("\"event\":\"topic.refused\"", seconds(30)));
  EXPECT_EQ(route.Announce(Announcement("p")).status, 503);
  EXPECT_EQ(route.Callback("p-1"), 200);

  CreateTopic(kPartitions - 1);
  EXPECT_TRUE(route.ingest().process().WaitForOutput("has 11 partitions", seconds(30)));
  EXPECT_EQ(route.Announce(Announcement("p")).status, 503) << "they would miss their callbacks";
  EXPECT_EQ(route.Callback("p-2"), 200);
  EXPECT_EQ(tests::Get(route.ingest().AdminUrl("/readyz")).status, 200);

  kafka.DeleteTopic(route.topic());
  EXPECT_TRUE(tests::WaitUntil([&] { return !kafka.DescribeTopic(route.topic()); }, seconds(30)));
  CreateTopic();
  EXPECT_TRUE(route.WaitForStatus(200));
  EXPECT_TRUE(route.ingest().process().IsRunning());
}

TEST(ExpectedOutageTest, AnswersInTimeWhileTheBrokerStandsStillAndARepeatIsHarmless) {
  const auto broker = tests::Broker::Start();
  tests::KafkaClient kafka(broker->bootstrap());
  const std::string callbacks = kafka.CreateUniqueTopic("callbacks", {.partitions = 3});
  kafka.CreateTopic(callbacks + ".expected", {.partitions = 3});
  Route route(broker->bootstrap(), callbacks);
  ASSERT_TRUE(route.WaitForStatus(200));

  broker->Freeze(1);
  const auto asked_at = std::chrono::steady_clock::now();
  const auto answer = route.Announce(Lines(300, "p"));
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_LT(std::chrono::steady_clock::now() - asked_at, seconds(10));
  EXPECT_TRUE(route.WaitForStatus(503)) << "at once, before long";
  broker->Thaw(1);

  EXPECT_TRUE(route.WaitForStatus(200));
  EXPECT_EQ(route.Announce(Lines(300, "p")).body, "{\"accepted\":300}\n");
  std::map<std::string, int> copies;
  for (const tests::Record& record : kafka.ReadAll(route.topic())) ++copies[*record.key];
  EXPECT_EQ(copies.size(), 301U) << "300 and the probe";
  EXPECT_EQ(route.Callback("p"), 200);
}

TEST_F(ExpectedTest, AreStoredThoughTheirSenderLeaves) {
  CreateTopic();
  Route route(tests::Broker::Shared().bootstrap(), callbacks);
  ASSERT_TRUE(route.WaitForStatus(200));
  {
    const RawConnection connection(route.ingest().port());
    connection.Send(PostOf("/expected", "secret-1", Lines(700, "left")));
  }
  EXPECT_TRUE(tests::WaitUntil([&] { return Stored().size() == 700; }, seconds(30)));
  EXPECT_EQ(route.Announce(Announcement("p")).status, 200);
}

TEST_F(ExpectedTest, AreAnsweredToTheEndOfADrain) {
  CreateTopic();
  Route route(tests::Broker::Shared().bootstrap(), callbacks, "drain_delay: 500ms\n");
  ASSERT_TRUE(route.WaitForStatus(200));
  RawConnection kept(route.ingest().port());
  route.ingest().process().Signal(SIGTERM);
  ASSERT_TRUE(route.ingest().process().WaitForOutput("ingest.draining", seconds(20)));
  kept.Send(PostOf("/expected", "secret-1", Lines(100, "last")));
  const auto answer = kept.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), 200) << answer.value_or("nothing");
  EXPECT_EQ(route.ingest().process().WaitForExit(seconds(20)), 0)
      << route.ingest().process().Describe();
  EXPECT_EQ(Stored().size(), 100U);
}

}  // namespace
}  // namespace ingest
