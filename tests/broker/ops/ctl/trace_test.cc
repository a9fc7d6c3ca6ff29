#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/domain/key_partition.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"

namespace ctl {
namespace {

using consumer::ConsumerRun;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Trace : public testing::Test {
 protected:
  void Put(const std::vector<tests::Record>& records) {
    run_.kafka().Produce(run_.topics().callbacks, records);
  }
  static tests::Record Delivery(int fact, const std::string& request) {
    tests::Record record = ConsumerRun::Delivery(fact);
    record.headers.push_back({"request-id", request});
    record.headers.push_back({"ingest-instance", "ingest-7"});
    return record;
  }

  tests::Finished Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", run_.ConfigFile("ctl")});
    return tests::RunProgram(tests::Binary("sluicectl"), arguments, seconds(60));
  }
  /// Traces until the output has the text.
  testing::AssertionResult Says(const std::vector<std::string>& arguments,
                                const std::string& text) {
    tests::Finished last;
    const bool is_said = tests::WaitUntil(
        [&] {
          last = Run(arguments);
          return last.output.find(text) != std::string::npos;
        },
        seconds(60), milliseconds(200));
    if (is_said) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "missing: " << text << "\n"
                                       << last.output << last.error_output;
  }

  ConsumerRun run_{tests::Broker::Shared().bootstrap(), 2};
};

TEST_F(Trace, FollowsAProcessFromItsDeliveryToItsResult) {
  Put({Delivery(1, "r-1"), Delivery(1, "r-2")});
  ASSERT_TRUE(Says({"trace", "process-1"}, "waiting: nobody_reads since "));
  const auto consumer = run_.Start("a");
  ASSERT_TRUE(run_.PublishedWithin(1, seconds(60))) << consumer->Describe();
  ASSERT_TRUE(Says({"trace", "process-1"}, "published after "));
  const auto text = Run({"trace", " process-1 "});
  EXPECT_EQ(text.status, 0) << text.error_output;
  EXPECT_THAT(text.output, AllOf(HasSubstr("process process-1, dossier dossier-1\n"),
                                 HasSubstr("received   " + run_.topics().callbacks),
                                 HasSubstr("by ingest-7, request r-1\n"),
                                 HasSubstr("duplicate  " + run_.topics().callbacks),
                                 HasSubstr("published  " + run_.topics().processes),
                                 testing::ContainsRegex(" requests? in [0-9.]+m?s, by "),
                                 HasSubstr(", by " + run_.group() + ".")))
      << text.output;
  const auto json = Run({"trace", "process-1", "--json"});
  EXPECT_THAT(json.output,
              AllOf(StartsWith(R"({"key":"process-1","process":"process-1",)"),
                    HasSubstr(R"("summary":"published after )"),
                    HasSubstr(R"("verdict":"published","events":[)"),
                    HasSubstr(R"("requestId":"r-2")"), HasSubstr(R"("waiting":null})")));
}

TEST_F(Trace, FollowsADeadLetterThroughItsRedrive) {
  const auto consumer = run_.Start("a");
  Put({{.key = "k", .value = "no json", .headers = {{"request-id", "r-1"}}}});
  ASSERT_TRUE(Says({"trace", "k"}, "dead after ")) << consumer->Describe();
  EXPECT_THAT(Run({"trace", "k"}).output, HasSubstr("malformed, 0 requests"));
  ASSERT_EQ(Run({"dead", "redrive", "--all"}).status, 0);
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        return Run({"trace", "k", "--json"}).output.find("redriven") != std::string::npos;
      },
      seconds(60), milliseconds(200)));
  ASSERT_TRUE(Says({"trace", "k"}, "dead after "));
  EXPECT_THAT(Run({"trace", "k"}).output, HasSubstr("replaces " + run_.topics().dead));
}

TEST_F(Trace, NamesTheOpenBreaker) {
  const auto consumer = run_.Start("a", "fetch: { breaker: { failures: 3, probe_every: 200ms } }");
  const std::string admin = ConsumerRun::AdminUrl(*consumer, "");
  run_.SetApiBehaviour(R"({"down":true})");
  std::vector<tests::Record> deliveries;
  for (int fact = 1; fact < 20; ++fact) deliveries.push_back(Delivery(fact, "r"));
  Put(deliveries);
  EXPECT_TRUE(Says({"trace", "process-7", "--instance", admin}, "waiting: breaker since "));
  EXPECT_TRUE(Says({"trace", "process-7", "--instance", admin}, "fails, and is probed next at 20"));
  EXPECT_TRUE(Says({"trace", "process-7", "--instance", admin, "--json"}, R"("until":"20)"));
}

TEST_F(Trace, FindsAllProcessesOfADossier) {
  tests::Record other = Delivery(4, "r-2");
  other.key = "process-5";
  other.value = R"({"dossierId":"dossier-4","processId":"process-5","status":"accepted"})";
  Put({Delivery(4, "r-1"), other, Delivery(6, "r-3")});
  const auto both = Run({"trace", "--dossier", "dossier-4", "--json"});
  EXPECT_EQ(both.status, 0) << both.error_output;
  EXPECT_THAT(both.output,
              AllOf(StartsWith("["), HasSubstr(R"("key":"process-4")"),
                    HasSubstr(R"("key":"process-5")"), testing::Not(HasSubstr("process-6"))));
}

// A read_committed reader, as consumer is one, does not see what lies behind it.
TEST_F(Trace, NamesTheOpenTransactionThatHidesACallback) {
  tests::Process writer(TRANSACTION_WRITER,
                        {tests::Broker::Shared().bootstrap(), run_.topics().callbacks,
                         tests::UniqueName("writer"), "v", "open"});
  ASSERT_TRUE(writer.WaitForOutput("produced", seconds(40))) << writer.Describe();
  std::vector<tests::Record> deliveries;
  for (int fact = 1; fact <= 8; ++fact) deliveries.push_back(Delivery(fact, "r"));
  Put(deliveries);
  int hidden = 0;
  for (int fact = 1; fact <= 8; ++fact) {
    const auto traced = Run({"trace", "process-" + std::to_string(fact)});
    const bool is_hidden = traced.output.starts_with("unknown: transaction since ");
    EXPECT_EQ(traced.status, is_hidden ? 1 : 0) << traced.error_output;
    EXPECT_THAT(traced.output, StartsWith(is_hidden ? "unknown: " : "waiting: nobody_reads"));
    if (is_hidden) ++hidden;
  }
  EXPECT_THAT(hidden, AllOf(testing::Gt(0), testing::Lt(8)));
}

TEST_F(Trace, FollowsAProcessFromBeforePartitionsWereAdded) {
  constexpr int kFacts = 8;
  std::vector<tests::Record> deliveries;
  for (int fact = 1; fact <= kFacts; ++fact) deliveries.push_back(Delivery(fact, "r"));
  Put(deliveries);
  {
    const auto consumer = run_.Start("a");
    ASSERT_TRUE(run_.PublishedWithin(kFacts, seconds(60))) << consumer->Describe();
    // Its offsets tell the number of partitions.
    ASSERT_TRUE(Says({"status"}, "nothing waits")) << consumer->Describe();
  }
  for (const std::string& topic :
       {run_.topics().callbacks, run_.topics().seen, run_.topics().processes}) {
    run_.kafka().AddPartitions(topic, 5);
  }
  for (int fact = 1; fact <= kFacts; ++fact) {
    const auto traced = Run({"trace", "process-" + std::to_string(fact)});
    EXPECT_EQ(traced.status, 0) << fact;
    EXPECT_THAT(traced.output, StartsWith("published after ")) << fact;
    EXPECT_THAT(traced.error_output, HasSubstr(": 2, 5 of them; the trace has looked where"));
  }
  EXPECT_EQ(Run({"trace", "process-0"}).status, 4) << "every number of partitions is known";
}

TEST_F(Trace, InfersFromTheRecordsHowManyPartitionsThereWere) {
  std::vector<tests::Record> deliveries;
  for (int fact = 1; fact <= 30; ++fact) deliveries.push_back(Delivery(fact, "r"));
  Put(deliveries);
  // A topic may have fewer than another for a while.
  run_.kafka().AddPartitions(run_.topics().callbacks, 5);
  for (int fact = 1; fact <= 8; ++fact) {
    const auto traced = Run({"trace", "process-" + std::to_string(fact)});
    EXPECT_EQ(traced.status, 0) << fact << traced.error_output;
    EXPECT_THAT(traced.output, StartsWith("waiting: nobody_reads since ")) << fact;
  }
  EXPECT_EQ(Run({"trace", "process-0"}).status, 4);
  // With fewer partitions this key would lie elsewhere.
  std::string key = "a";
  while (common::PartitionOf(key, 5) == common::Partition(4)) key += "a";
  tests::Record stranger = Delivery(31, "r");
  stranger.key = key;
  stranger.partition = 4;
  // A client of before does not know the partition yet.
  tests::KafkaClient(tests::Broker::Shared().bootstrap())
      .Produce(run_.topics().callbacks, {stranger});
  const auto doubtful = Run({"trace", "process-0"});
  EXPECT_EQ(doubtful.status, 1);
  EXPECT_THAT(doubtful.output, HasSubstr("partitions were added, and --dossier finds callbacks"));
}

TEST_F(Trace, SaysWithStatus4ThatNothingIsThere) {
  Put({Delivery(1, "r-1")});
  const auto json = Run({"trace", "process-2", "--json"});
  EXPECT_EQ(json.status, 4);
  EXPECT_THAT(json.output, HasSubstr(R"("verdict":"unknown","events":[])"));
  EXPECT_THAT(Run({"trace", "process-2"}).output, StartsWith("unknown: no record of it"));
  EXPECT_EQ(Run({"trace", "process-1", "--from", "2099-01-01T00:00:00Z"}).status, 4);
  EXPECT_EQ(Run({"trace", "--dossier", "nowhere"}).status, 4);
  EXPECT_EQ(Run({"trace", "  "}).status, 2);
}

TEST_F(Trace, FollowsAnAnnouncedProcessUntilItsCallbackComes) {
  const auto consumer = run_.Start("a");
  const std::string value =
      R"({"dossierId":"dossier-8","processId":"process-8","provider":"onfido","within":"30m"})";
  run_.kafka().Produce(
      run_.topics().expected,
      {{.key = "process-8", .value = value},
       {.key = "process-9",
        .value = R"({"dossierId":"dossier-8","processId":"process-9","provider":"x"})"},
       {.key = "process-9", .value = std::nullopt}});
  ASSERT_TRUE(Says({"trace", "process-8"}, "waiting: unknown since ")) << consumer->Describe();
  const auto text = Run({"trace", "process-8"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.output,
              AllOf(HasSubstr("process process-8, dossier dossier-8\n"),
                    HasSubstr("announced  " + run_.topics().expected),
                    HasSubstr("onfido, due within 30m\n"), HasSubstr("`expected` is not set")));
  EXPECT_THAT(Run({"trace", "--dossier", "dossier-8", "--json"}).output,
              AllOf(HasSubstr(R"("process":"process-8","dossier":"dossier-8")"),
                    HasSubstr(R"("verdict":"waiting")"), HasSubstr(R"("forgotten":true)"),
                    HasSubstr(R"("verdict":"unknown")")));
  EXPECT_THAT(Run({"trace", "process-9"}).output, StartsWith("unknown: it was announced and"));

  Put({Delivery(8, "r-1")});
  EXPECT_TRUE(Says({"trace", "process-8"}, "published after "));
}

}  // namespace
}  // namespace ctl
