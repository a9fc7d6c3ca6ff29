// Callbacks that never come: announced processes get their results all the same, exactly once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/harness/json.h"
#include "tests/harness/ledger.h"
#include "tests/harness/metrics_page.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

class ExpectedCallback : public SystemTest {
 protected:
  ExpectedCallback() {
    pipeline.consumer_settings["expected"] = "{ within: 1s, max_wait: 1h, rate: 200 }";
  }

  static std::string Process(int number) {
    std::string digits = std::to_string(100'000'000'000 + number);
    return "7d0f2c1e-5b6a-4f39-9c55-" + digits;
  }
  static std::string Body(const std::string& process, const std::string& more) {
    return R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341","processId":")" + process +
           "\"," + more + "}";
  }
  void Announce(int from, int to, const std::string& provider = "onfido") {
    std::vector<Record> records;
    for (int i = from; i < to; ++i) {
      records.push_back(
          {.key = Process(i), .value = Body(Process(i), R"("provider":")" + provider + "\"")});
    }
    pipeline.kafka().Produce(pipeline.topics().expected, std::move(records));
  }
  /// Writes the callback that the process should have had.
  void Callback(const std::string& process, const std::string& status,
                const std::string& provider = "onfido") {
    pipeline.kafka().Produce(pipeline.topics().callbacks,
                             {{.key = process,
                               .value = Body(process, R"("status":")" + status + "\""),
                               .headers = {{"provider", provider},
                                           {"schema", "1"},
                                           {"received-at", "2026-11-23T12:00:00.000Z"},
                                           {"request-id", "0123456789abcdef0123456789abcdef"}}}});
  }
  static std::string StatusOf(const Record& result) {
    return TextIn(ParseJson(result.value.value_or("")), "status");
  }
  double Metric(const std::string& name, const MetricsPage::Labels& labels = {}) {
    const auto page = MetricsPage::Of(pipeline.consumer_admin());
    return page ? page->Value(name, labels).value_or(-1) : -1;
  }
  std::map<std::string, int> Count() {
    std::map<std::string, int> results;
    for (const Record& record : pipeline.Results()) ++results[record.key.value_or("")];
    return results;
  }
  void AwaitResults(std::size_t least) {
    ASSERT_TRUE(WaitUntil([&] { return Count().size() >= least; }, seconds(60)))
        << "only " << Count().size() << " of " << least;
  }
  void ExpectOneEach(std::size_t count) {
    const auto results = Count();
    EXPECT_EQ(results.size(), count);
    for (const auto& [process, number] : results) EXPECT_EQ(number, 1) << process;
    EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
  }
};

TEST_F(ExpectedCallback, IsReconciledOnceAlsoIfTheCallbackComesLater) {
  Announce(0, 20);
  pipeline.StartConsumer();
  ASSERT_NO_FATAL_FAILURE(AwaitResults(20));
  EXPECT_EQ(pipeline.Markers().size(), 80U) << "four each";
  std::map<std::string, std::string> status;
  for (const Record& record : pipeline.Results()) {
    EXPECT_EQ(common::LastHeader(record.headers, "reconciled"), "1");
    EXPECT_THAT(record.value.value_or(""), testing::HasSubstr(R"("callback":null)"));
    status[record.key.value_or("")] = StatusOf(record);
  }
  const MetricsPage::Labels reconciled = {{"provider", "onfido"}, {"outcome", "reconciled"}};
  EXPECT_TRUE(WaitUntil([&] { return Metric("sluice_consumer_expected_total", reconciled) == 20; },
                        seconds(10)));
  EXPECT_EQ(Metric("sluice_consumer_callbacks_lost_total", {{"provider", "onfido"}}), 20);

  pipeline.consumer().Kill();
  pipeline.StartConsumer();
  for (int i = 0; i < 20; ++i) {
    Callback(Process(i), status[Process(i)], i % 2 == 0 ? "onfido" : "readid");
  }
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  ExpectOneEach(20);
}

TEST_F(ExpectedCallback, IsReconciledExactlyOnceUnderKills) {
  pipeline.Behave(R"({"latency_ms":20})");
  Announce(0, 400);
  pipeline.StartConsumer();
  // Some callbacks come after all, while looks and commits are under way.
  for (const int results : {30, 100, 180, 260}) {
    ASSERT_NO_FATAL_FAILURE(AwaitResults(static_cast<std::size_t>(results)));
    for (const Record& record : pipeline.Results()) {
      if (record.key->back() == '7') Callback(*record.key, StatusOf(record));
    }
    pipeline.consumer().Kill();
    Announce(results, results + 20);  // Twice.
    pipeline.StartConsumer();
  }
  ASSERT_NO_FATAL_FAILURE(AwaitResults(400));
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  ExpectOneEach(400);
}

TEST_F(ExpectedCallback, IsReconciledAfterAnOutageOfTheApi) {
  pipeline.fetch["breaker"] = "{ failures: 5, probe_every: 200ms }";
  pipeline.Behave(R"({"down":true})");
  Announce(0, 30);
  pipeline.StartConsumer();
  ASSERT_TRUE(WaitUntil([&] { return Metric("sluice_consumer_breaker_open") == 1; }, seconds(30)));
  pipeline.Behave("{}");
  // No callback is there to probe with. Those that had failed wait for a minute and more.
  ASSERT_NO_FATAL_FAILURE(AwaitResults(20));
  const auto results = Count();
  for (const auto& [process, number] : results) EXPECT_EQ(number, 1) << process;
}

TEST_F(ExpectedCallback, IsRefusedWithoutItsTopic) {
  Callback(Process(0), "accepted");
  pipeline.kafka().DeleteTopic(pipeline.topics().expected);
  pipeline.LaunchConsumer("a");
  EXPECT_TRUE(WaitUntil([&] { return !pipeline.consumer().IsRunning(); }, seconds(40)));
  EXPECT_THAT(pipeline.Describe(),
              testing::HasSubstr(pipeline.topics().expected + " does not exist: create it"));
  pipeline.kafka().CreateTopic(pipeline.topics().expected);  // The fixture reads it afterwards.
}

}  // namespace
}  // namespace tests
