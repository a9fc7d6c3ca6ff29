// How single resources, proxies and caches affect the real consumer: they hold up no other
// callback, and nothing wrong is published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kStuck = 40;

class ApiFaults : public ::testing::Test {
 protected:
  /// Answers the processes 0 to 39 with that status.
  static std::string StatusOfTheStuck(int status) {
    std::string list;
    for (int i = 0; i < kStuck; ++i) {
      list +=
          (i == 0 ? "" : ",") + ("\"process-" + std::to_string(i)) + "\":" + std::to_string(status);
    }
    return R"({"status_of":{)" + list + "}}";
  }

  void Produce(int first, int count) {
    std::vector<tests::Record> deliveries;
    for (int i = 0; i < count; ++i) deliveries.push_back(ConsumerRun::Delivery(first + i));
    run.kafka().Produce(run.topics().callbacks, deliveries);
  }

  /// Produces healthy callbacks, one after the other, and returns their 95th percentile of time.
  milliseconds HealthyP95(int first, int count) {
    std::vector<milliseconds> waits;
    for (int fact = first; fact < first + count; ++fact) {
      const auto begin = std::chrono::steady_clock::now();
      Produce(fact, 1);
      const std::string process = "process-" + std::to_string(fact);
      const bool is_there =
          tests::WaitUntil([&] { return run.Counts(run.topics().processes).contains(process); },
                           seconds(60), milliseconds(100));
      EXPECT_TRUE(is_there) << process;
      waits.push_back(std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - begin));
    }
    std::sort(waits.begin(), waits.end());
    return waits.at(waits.size() * 95 / 100);
  }

  // One partition: all stuck callbacks are in hand before the first of them has failed.
  ConsumerRun run{tests::Broker::Shared().bootstrap(), 1};
};

class FewRefused : public ApiFaults, public ::testing::WithParamInterface<int> {};

TEST_P(FewRefused, DoNotHoldUpOthersEvenAfterRestart) {
  run.SetApiBehaviour(StatusOfTheStuck(GetParam()));
  Produce(0, kStuck);
  auto instance = run.Start("a");
  EXPECT_LT(HealthyP95(100, 20), seconds(5)) << instance->Describe();
  EXPECT_EQ(instance->Terminate(seconds(20)), 0) << instance->Describe();
  instance = run.Start("a");
  EXPECT_LT(HealthyP95(200, 20), seconds(5)) << instance->Describe();
  EXPECT_THAT(run.Counts(run.topics().dead), IsEmpty());
  EXPECT_EQ(run.Counts(run.topics().processes).size(), 40U);
}

INSTANTIATE_TEST_SUITE_P(Statuses, FewRefused, ::testing::Values(403, 500));

TEST_F(ApiFaults, MakeNoDeadLetterOnMaintenancePage) {
  run.SetApiBehaviour(R"({"body":"page"})");
  const auto instance =
      run.Start("a", "fetch: { breaker: { failures: 3, probe_every: 1s }, max_age: 5s }");
  Produce(0, 10);
  ASSERT_TRUE(instance->WaitForOutput("breaker.opened", seconds(30))) << instance->Describe();
  ASSERT_TRUE(instance->WaitForOutput("\"result\":\"error\"", seconds(30)));
  const auto until = common::Deadline::After(seconds(8));  // Longer than max_age.
  while (!until.HasPassed()) EXPECT_THAT(run.Counts(run.topics().dead), IsEmpty());
  run.SetApiBehaviour("{}");
  EXPECT_TRUE(run.PublishedWithin(10, seconds(60))) << instance->Describe();
  EXPECT_THAT(run.Counts(run.topics().dead), IsEmpty());
}

TEST_F(ApiFaults, PublishNoForeignDocument) {
  run.SetApiBehaviour(R"({"body":"foreign"})");
  const auto instance = run.Start("a", "fetch: { backoff: { base: 50ms, cap: 200ms } }");
  Produce(0, 3);
  ASSERT_TRUE(instance->WaitForOutput("\"result\":\"foreign\"", seconds(30)))
      << instance->Describe();
  const std::string foreign =
      R"(sluice_consumer_fetch_attempts_total{resource="process",result="foreign"} )";
  const auto attempts = [&] {
    const std::string metrics = tests::Get(ConsumerRun::AdminUrl(*instance, "/metrics")).body;
    const std::size_t at = metrics.find(foreign);
    return at == std::string::npos ? 0 : std::atoi(metrics.c_str() + at + foreign.size());
  };
  EXPECT_TRUE(tests::WaitUntil([&] { return attempts() >= 6; }, seconds(30)));
  EXPECT_THAT(run.Counts(run.topics().processes), IsEmpty());
  run.SetApiBehaviour("{}");
  ASSERT_TRUE(run.PublishedWithin(3, seconds(60))) << instance->Describe();
  for (const tests::Record& record : run.kafka().ReadAll(run.topics().processes)) {
    EXPECT_THAT(record.value.value_or(""), Not(HasSubstr("of-another")));
  }
  EXPECT_THAT(run.Counts(run.topics().dead), IsEmpty());
}

TEST_F(ApiFaults, DoNotIncludeInvalidContentCoding) {
  run.SetApiBehaviour(R"({"content_encoding":"UTF-8"})");
  const auto instance = run.Start("a");
  Produce(0, 20);
  EXPECT_TRUE(run.PublishedWithin(20, seconds(60))) << instance->Describe();
  EXPECT_THAT(run.Counts(run.topics().dead), IsEmpty());
}

}  // namespace
}  // namespace consumer
