// More partitions between two halves of a load, with redeliveries across and announced processes
// outstanding: each fact has one result all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

class RaisedPartitions : public SystemTest {
 protected:
  RaisedPartitions()
      : SystemTest({.bootstrap = Broker::Shared().bootstrap(),
                    .prefix = UniqueName("raised") + ".",
                    .plan = {.partitions = 6, .dead_partitions = 2, .replication = 1}}) {
    pipeline.AddExpected("{ within: 25s, max_wait: 1h, rate: 200 }");
  }

  std::vector<std::string> Arguments(std::vector<std::string> more) {
    std::vector<std::string> arguments{"topics", "raise", "--config",
                                       pipeline.consumer_yaml().string(), "--partitions=24"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Finished Raise(std::vector<std::string> more = {}) {
    return RunProgram(Binary("sluicectl"), Arguments(std::move(more)), seconds(120));
  }
  int PartitionsOf(const std::string& topic) {
    return pipeline.kafka().DescribeTopic(topic)->partitions;
  }
  /// Each of them once more, as a provider's redelivery: ingest puts it where its key belongs now.
  void Redeliver(std::vector<Record> callbacks) {
    for (Record& callback : callbacks) {
      callback.partition = -1;
      callback.timestamp_ms = 0;
    }
    pipeline.kafka().Produce(pipeline.topics().callbacks, std::move(callbacks));
  }
  /// As if consumer had published this redelivery, too.
  void PublishAgain(const Record& redelivery) {
    static const std::regex kPlace(R"("partition":[0-9]+,"offset":[0-9]+)");
    const std::vector<Record> results = pipeline.Results();
    auto result = *std::ranges::find(results, redelivery.key, &Record::key);
    result.value = std::regex_replace(*result.value, kPlace,
                                      "\"partition\":" + std::to_string(redelivery.partition) +
                                          ",\"offset\":" + std::to_string(redelivery.offset),
                                      std::regex_constants::format_first_only);
    result.partition = redelivery.partition;
    result.timestamp_ms = 0;
    pipeline.kafka().Produce(pipeline.topics().processes, {std::move(result)});
  }
  Finished Audit() {
    return RunProgram(Binary("sluicectl"),
                      {"audit", "--config", pipeline.consumer_yaml().string(), "--since", "1h"},
                      seconds(60));
  }
  void Announce(const std::vector<std::string>& processes) {
    std::vector<Record> records;
    for (const std::string& process : processes) {
      records.push_back(
          {.key = process,
           .value = R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341","processId":")" +
                    process + R"(","provider":"onfido"})"});
    }
    pipeline.kafka().Produce(pipeline.topics().expected, std::move(records));
  }
};

TEST_F(RaisedPartitions, HaveOneResultOfEachFact) {
  ASSERT_EQ(PartitionsOf(pipeline.topics().callbacks), 6);
  pipeline.StartIngest();
  pipeline.StartConsumer();
  std::vector<SentCallback> sent = pipeline.Deliver({"--count=300", "--open-loop=300"}).callbacks;
  std::vector<std::string> outstanding;
  for (int i = 0; i < 20; ++i) {
    outstanding.push_back("7d0f2c1e-5b6a-4f39-9c55-" + std::to_string(100'000'000'000 + i));
  }
  Announce(outstanding);
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  const std::vector<Record> before = pipeline.Callbacks();
  EXPECT_THAT(Raise().error_output, HasSubstr("refused: the group has members: "));

  ASSERT_EQ(pipeline.ingest().Terminate(seconds(30)), 0);
  ASSERT_EQ(pipeline.consumer().Terminate(seconds(30)), 0);
  // Static members stay in the group until their session has ended.
  Finished dry_run;
  ASSERT_TRUE(WaitUntil(
      [&] {
        dry_run = Raise({"--dry-run"});
        return dry_run.status == 0;
      },
      seconds(60)))
      << dry_run.output << dry_run.error_output;
  EXPECT_THAT(dry_run.output, HasSubstr("would be raised from 6 to 24 partitions"));
  EXPECT_EQ(PartitionsOf(pipeline.topics().seen), 6);

  // Killed at some point of the work, and repeated.
  {
    Process raise(Binary("sluicectl"), Arguments({}));
    ASSERT_TRUE(WaitUntil([&] { return PartitionsOf(pipeline.topics().seen) == 24; }, seconds(60)));
    raise.Kill();
  }
  const Finished raised = Raise({"--json"});
  ASSERT_EQ(raised.status, 0) << raised.output << raised.error_output;
  EXPECT_THAT(raised.output, HasSubstr(R"("complete":true)"));
  for (const std::string& topic : {pipeline.topics().callbacks, pipeline.topics().seen,
                                   pipeline.topics().processes, pipeline.topics().expected}) {
    EXPECT_EQ(PartitionsOf(topic), 24) << topic;
  }

  pipeline.RestartIngest();
  pipeline.StartConsumer();
  Redeliver(before);
  const std::vector<SentCallback> second =
      pipeline.Deliver({"--count=300", "--open-loop=300"}).callbacks;
  sent.insert(sent.end(), second.begin(), second.end());
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  EXPECT_TRUE(WaitUntil(
      [&] { return pipeline.Results().size() >= sent.size() + outstanding.size(); }, seconds(90)));
  std::map<std::string, int> results;
  std::size_t moved = 0;
  for (const Record& result : pipeline.Results()) {
    ++results[result.key.value_or("")];
    if (result.partition >= 6) ++moved;
  }
  for (const SentCallback& callback : sent) {
    EXPECT_EQ(results[callback.process_id], 1) << callback.Name();
  }
  for (const std::string& process : outstanding) EXPECT_EQ(results[process], 1) << process;
  EXPECT_GT(moved, 100U) << "results of the second half";

  const Finished audit = Audit();
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  const Finished again = Raise();
  EXPECT_EQ(again.status, 0) << again.error_output;
  EXPECT_THAT(again.output, HasSubstr("all topics have 24 partitions already"));

  std::set<std::string> handled_before;
  for (const Record& record : before) handled_before.insert(record.key.value_or(""));
  const std::vector<Record> callbacks = pipeline.Callbacks();
  const auto moved_redelivery = std::ranges::find_if(callbacks, [&](const Record& record) {
    return record.partition >= 6 && handled_before.contains(record.key.value_or(""));
  });
  ASSERT_NE(moved_redelivery, callbacks.end());
  PublishAgain(*moved_redelivery);
  const Finished doubled = Audit();
  EXPECT_EQ(doubled.status, 3) << doubled.error_output;
  EXPECT_THAT(doubled.output, HasSubstr("1 surplus"));
  EXPECT_THAT(doubled.output, HasSubstr(*moved_redelivery->key));
}

}  // namespace
}  // namespace tests
