// Announced over HTTP, never sent, asked for by consumer, and sent late after all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class LostCallback : public SystemTest {
 protected:
  LostCallback() { pipeline.AddExpected("{ within: 1s, max_wait: 1h, rate: 200 }"); }

  std::unique_ptr<Deliveries> StartDelivery(std::vector<std::string> arguments) {
    const auto announce = pipeline.AnnounceArguments();
    arguments.insert(arguments.end(), announce.begin(), announce.end());
    return pipeline.StartDelivery(std::move(arguments));
  }
  void AwaitResults(std::int64_t least) {
    ASSERT_TRUE(WaitUntil([&] { return pipeline.CountResults() >= least; }, seconds(60)))
        << "only " << pipeline.CountResults() << " of " << least;
  }
  /// Each announced process has one, whether its callback came or not.
  void AwaitResultOfEach(const std::vector<SentCallback>& announced) {
    ASSERT_TRUE(
        WaitUntil([&] { return Compare(announced, NamesOf(pipeline.Results())).missing.empty(); },
                  seconds(120)))
        << Discrepancies(announced, NamesOf(pipeline.Results()));
  }
  /// Writes the callbacks that were lost, every other one by another provider's route.
  void SendLate(const std::vector<SentCallback>& announced) {
    std::vector<Record> records;
    for (const SentCallback& callback : announced) {
      if (!callback.is_unsent) continue;
      const bool is_elsewhere = records.size() % 2 == 1;
      records.push_back({.key = callback.process_id,
                         .value = R"({"dossierId":")" + callback.dossier_id + R"(","processId":")" +
                                  callback.process_id + R"(","status":")" + callback.status + "\"}",
                         .headers = {{"provider", is_elsewhere ? "webid" : callback.provider},
                                     {"schema", "1"},
                                     {"received-at", "2026-11-23T12:00:00.000Z"},
                                     {"request-id", "0123456789abcdef0123456789abcdef"}}});
    }
    pipeline.kafka().Produce(pipeline.topics().callbacks, std::move(records));
  }
  Finished Audit(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"audit",   "--config", pipeline.consumer_yaml().string(),
                                       "--since", "1h",       "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(Binary("sluicectl"), arguments, seconds(60));
  }
};

TEST_F(LostCallback, LeadsToOneResultUnderKillsAndIfItComesLate) {
  constexpr int kCount = 600;
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto delivery =
      StartDelivery({"--count=600", "--providers=onfido,eid,readid,paper,connect",
                     "--open-loop=150", "--speed=36000", "--duplicate-rate=0.2", "--lose=0.1"});
  for (const std::int64_t results : {100, 250, 400}) {
    ASSERT_NO_FATAL_FAILURE(AwaitResults(results));
    pipeline.consumer().Kill();
    pipeline.StartConsumer();
  }
  const Delivered delivered = delivery->Finish();
  EXPECT_EQ(delivered.callbacks.size(), kCount);
  const std::int64_t unsent = delivered.CountUnsent();
  EXPECT_GT(unsent, 20) << delivered.report;
  EXPECT_EQ(delivered.Number("unsent"), unsent);
  ASSERT_NO_FATAL_FAILURE(AwaitResultOfEach(delivered.callbacks));

  pipeline.consumer().Kill();
  SendLate(delivered.callbacks);
  pipeline.StartConsumer();
  ExpectExactlyOnce(delivered.callbacks);
  EXPECT_EQ(pipeline.Results().size(), kCount);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());

  const Finished audit = Audit({});
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  EXPECT_THAT(audit.output, HasSubstr(R"("missing":0,"surplus":0,"unmarked":0)"));
  const Finished expected = Audit({"--expected"});
  EXPECT_EQ(expected.status, 0) << expected.output << expected.error_output;
  EXPECT_THAT(expected.output,
              AllOf(HasSubstr(R"("announced":600)"), HasSubstr(R"("overdue":0,"mistaken":0)")));
}

TEST_F(LostCallback, IsListedByTheAuditIfNobodyWatches) {
  pipeline.consumer_settings.erase("expected");
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const Delivered delivered = StartDelivery({"--count=40", "--lose=0.3"})->Finish();
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  const std::string waiting = "\"waiting\":" + std::to_string(delivered.CountUnsent());
  EXPECT_THAT(Audit({"--expected"}).output, HasSubstr(waiting)) << "they are due in an hour";

  pipeline.kafka().Produce(
      pipeline.topics().expected,
      {{.key = "p",
        .value = R"({"dossierId":"d","processId":"p","provider":"eid","within":"1ms"})"}});
  const Finished expected = Audit({"--expected"});
  EXPECT_EQ(expected.status, 3) << expected.error_output;
  EXPECT_THAT(expected.output, AllOf(HasSubstr(R"("processId":"p")"), HasSubstr(waiting),
                                     HasSubstr(R"("overdue":1)")));
}

}  // namespace
}  // namespace tests
