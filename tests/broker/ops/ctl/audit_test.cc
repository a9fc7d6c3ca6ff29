// Plants holes of every kind on real topics; the real consumer heals them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/domain/dead_letter.h"
#include "common/domain/marker.h"
#include "common/kafka/partition_offsets.h"
#include "consumer/state/result_record.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_calls.h"

namespace ctl {
namespace {

using common::WallTime;
using consumer::ConsumerRun;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr int kPartitions = 2;

/// Deletes the records before an offset, as retention does.
void Expire(const std::string& topic, std::int32_t partition, std::int64_t before) {
  const auto client = tests::MakeHandle(RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(), {});
  const common::kafka::PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = before;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  const common::kafka::Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  const common::kafka::Event event(rd_kafka_queue_poll(queue.get(), tests::kLimitMs));
  ASSERT_TRUE(event);
  ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

class Audit : public testing::Test {
 protected:
  /// Produces a record to `callbacks`, two hours old and a millisecond younger than the one before.
  tests::Record Put(tests::Record record) {
    record.timestamp_ms = (start_ + milliseconds(++put_)).time_since_epoch().count();
    return run_.kafka().Produce(run_.topics().callbacks, {std::move(record)}).at(0);
  }
  tests::Record Put(int fact) { return Put(ConsumerRun::Delivery(fact)); }

  static common::CallbackFacts FactsOf(const tests::Record& callback) {
    return common::ReadCallback(*callback.value, callback.headers, {});
  }
  void Mark(const tests::Record& callback,
            common::MarkerOutcome outcome = common::MarkerOutcome::kPublished) {
    const auto identity = FactsOf(callback).identity;
    run_.kafka().Produce(run_.topics().seen, {{.key = std::string(identity.view()),
                                               .value = "",
                                               .headers = common::MarkerHeaders(outcome),
                                               .timestamp_ms = callback.timestamp_ms,
                                               .partition = callback.partition}});
  }
  void Publish(const tests::Record& callback) {
    const auto result = consumer::MakeResult(
        FactsOf(callback), callback.headers,
        {common::Partition(callback.partition), common::Offset(callback.offset)},
        {.process = "{}", .dossier = {}, .fetched_at = {}});
    run_.kafka().Produce(run_.topics().processes, {{.key = result.key,
                                                    .value = result.value,
                                                    .headers = result.headers,
                                                    .partition = callback.partition}});
  }
  void Bury(const tests::Record& callback, common::DeadReason reason = common::DeadReason::kGone) {
    const common::DeadLetter letter{.reason = reason,
                                    .attempts = 1,
                                    .trace_id = {},
                                    .topic = run_.topics().callbacks,
                                    .partition = common::Partition(callback.partition),
                                    .offset = common::Offset(callback.offset)};
    run_.kafka().Produce(run_.topics().dead, {{.key = callback.key,
                                               .value = callback.value,
                                               .headers = HeadersOf(callback.headers, letter)}});
  }

  /// The body of a callback with the status that the result has.
  std::string StatusOfResult(const std::string& process) {
    for (const tests::Record& record : run_.kafka().ReadAll(run_.topics().processes)) {
      if (record.key != process) continue;
      const std::string& value = *record.value;
      return value.substr(0, value.find(R"(,"callback")")) + "}";
    }
    return {};
  }

  /// Commits the ends of all partitions, as if the group had handled every callback.
  void CommitAll() {
    Commit([&](std::int32_t partition) {
      return run_.kafka().HighWatermark(run_.topics().callbacks, partition);
    });
  }
  void CommitAt(std::int64_t offset) {
    Commit([&](std::int32_t /*partition*/) { return offset; });
  }
  template <typename OffsetOf>
  void Commit(OffsetOf offset_of) {
    const auto client = tests::MakeHandle(RD_KAFKA_CONSUMER, tests::Broker::Shared().bootstrap(),
                                          {{"group.id", run_.group()}});
    const common::kafka::PartitionList list(rd_kafka_topic_partition_list_new(kPartitions));
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      const auto& topic = run_.topics().callbacks;
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
          offset_of(partition);
    }
    tests::Persist("commit", [&](int) { return rd_kafka_commit(client.get(), list.get(), 0); });
  }

  /// Deletes `callbacks` and creates it again, empty.
  void MakeCallbacksAnew() {
    run_.kafka().RecreateTopic(run_.topics().callbacks,
                               {kPartitions, 1, {{"min.insync.replicas", "1"}}});
  }

  /// Adds the configuration and a range of a whole day around now.
  std::vector<std::string> Arguments(std::vector<std::string> arguments) {
    const WallTime now = common::WallNow();
    arguments.insert(arguments.begin(), {"audit", "--config", run_.ConfigFile("ctl", more_),
                                         "--from", common::FormatRfc3339(now - hours(12)), "--to",
                                         common::FormatRfc3339(now + hours(12))});
    return arguments;
  }
  tests::Finished Run(std::vector<std::string> arguments = {}) {
    return tests::RunProgram(tests::Binary("sluicectl"), Arguments(std::move(arguments)),
                             seconds(100));
  }
  static std::string Place(const tests::Record& record) {
    return " " + std::to_string(record.partition) + ":" + std::to_string(record.offset) + " ";
  }

  /// Runs a consumer until every record on `callbacks` is disposed of and `results` are published.
  void Handle(std::size_t results) {
    const auto consumer = run_.Start("a");
    std::int64_t callbacks = 0;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      callbacks += run_.kafka().HighWatermark(run_.topics().callbacks, partition);
    }
    ASSERT_TRUE(run_.PublishedWithin(results, seconds(40))) << consumer->Describe();
    ASSERT_TRUE(tests::WaitUntil([&] { return run_.Committed() >= callbacks; }, seconds(40)))
        << consumer->Describe();
    EXPECT_EQ(consumer->Terminate(seconds(15)), 0) << consumer->Describe();
  }

  ConsumerRun run_{tests::Broker::Shared().bootstrap(), kPartitions};
  WallTime start_ = common::WallNow() - hours(2);
  int put_ = 0;
  std::string more_;  ///< Of the configuration.
};

TEST_F(Audit, FindsNothingInRecordsHandledByTheConsumer) {
  for (int fact = 0; fact < 20; ++fact) Put(fact);
  for (int fact = 0; fact < 10; ++fact) Put(fact);
  Put({.key = "k", .value = "no json", .headers = {{"provider", "eid"}}});
  tests::Record redriven = ConsumerRun::Delivery(3);
  redriven.headers.push_back({"redrive", run_.topics().dead + "-0-17"});
  Put(redriven);
  Handle(20);
  const auto audited = Run();
  EXPECT_EQ(audited.status, 0) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output,
              HasSubstr("32 callbacks: 22 with a result or dead letter, 10 redelivered\n"
                        "nothing is missing, nothing is there twice\n"));
  const auto json = Run({"--json"});
  EXPECT_EQ(json.status, 0) << json.output;
  EXPECT_THAT(json.output, AllOf(HasSubstr(R"("findings":[],"complete":true)"),
                                 HasSubstr(R"("ok":true,"callbacks":32)")));
}

TEST_F(Audit, ReportsAndHealsEachHole) {
  const auto passed_over = Put(1);
  const auto without_result = Put(2);
  Mark(without_result);
  const auto whole = Put(3);
  Mark(whole);
  Publish(whole);
  const auto redelivered = Put(3);
  const auto dead = Put(4);
  Mark(dead, common::MarkerOutcome::kDead);
  Bury(dead);
  const auto unreadable = Put({.key = "k", .value = "no json"});
  tests::Record redriven = ConsumerRun::Delivery(4);
  redriven.headers.push_back({"redrive", run_.topics().dead + "-0-0"});
  redriven = Put(redriven);
  Mark(redriven);
  CommitAll();
  const auto waiting = Put(5);

  const auto found = Run();
  EXPECT_EQ(found.status, 3) << found.output << found.error_output;
  EXPECT_THAT(found.output, HasSubstr("missing   " + Place(passed_over).substr(1)));
  EXPECT_THAT(found.output, AllOf(HasSubstr("process process-1 "), HasSubstr("process process-2 "),
                                  HasSubstr("unreadable body, key k ")));
  EXPECT_THAT(found.output, AllOf(HasSubstr(Place(without_result)), HasSubstr(Place(unreadable)),
                                  HasSubstr(Place(redriven))));
  EXPECT_THAT(found.output, AllOf(Not(HasSubstr(Place(whole))), Not(HasSubstr(Place(redelivered))),
                                  Not(HasSubstr(Place(dead))), Not(HasSubstr(Place(waiting)))));
  EXPECT_THAT(found.output, HasSubstr("\n1 more wait"));
  EXPECT_THAT(found.output, HasSubstr("FOUND: 4 missing, 0 surplus, 0 unmarked\n"));

  const auto redrove = Run({"--redrive"});
  EXPECT_EQ(redrove.status, 3) << redrove.output << redrove.error_output;
  EXPECT_THAT(redrove.output, HasSubstr("4 put back; audit again once they are handled\n"));
  const auto again = Run({"--redrive"});
  EXPECT_EQ(again.status, 0) << again.output << again.error_output;
  EXPECT_THAT(again.output,
              AllOf(HasSubstr("4 put back but not handled yet"), HasSubstr("\n0 put back\n")));

  // The test published process-3; the consumer publishes the others: 1, 2, 4 redriven, 5.
  Handle(5);
  const auto healed = Run();
  EXPECT_EQ(healed.status, 0) << healed.output << healed.error_output;
  const auto results = run_.SettledCounts(run_.topics().processes);
  EXPECT_THAT(results, AllOf(testing::SizeIs(5), Each(Pair(testing::_, 1))));
  EXPECT_THAT(run_.SettledCounts(run_.topics().dead),
              testing::ElementsAre(Pair("k", 1), Pair("process-4", 1)));
}

TEST_F(Audit, FindsAndHealsHolesHiddenByResultsOfAReplacedTopic) {
  constexpr int kOld = 20;
  constexpr int kNew = 12;
  for (int fact = 0; fact < kOld; ++fact) Put(fact);
  Handle(kOld);
  MakeCallbacksAnew();
  for (int fact = 0; fact < kNew; ++fact) Put(100 + fact);
  for (int fact = 0; fact < 3; ++fact) Put(fact);
  // A consumer that has kept its position from the old log commits such an offset.
  CommitAt(500);

  const auto found = Run();
  EXPECT_EQ(found.status, 3) << found.output << found.error_output;
  EXPECT_THAT(found.output,
              AllOf(HasSubstr("15 callbacks: 0 with a result or dead letter, 3 redelivered"),
                    HasSubstr("the group's offset is 500, and the log ends at"),
                    HasSubstr("FOUND: 12 missing, 0 surplus, 0 unmarked\n")));
  const auto redrove = Run({"--redrive"});
  EXPECT_EQ(redrove.status, 3) << redrove.output << redrove.error_output;
  EXPECT_THAT(redrove.output, HasSubstr("12 put back"));
  const auto again = Run({"--redrive"});
  EXPECT_EQ(again.status, 3) << again.output << again.error_output;
  EXPECT_THAT(again.output,
              AllOf(HasSubstr("stands on the topic twice"), HasSubstr("\n0 put back\n")));

  // The group starts again from offset 0.
  CommitAt(0);
  Handle(kOld + kNew);
  EXPECT_THAT(run_.SettledCounts(run_.topics().processes),
              AllOf(testing::SizeIs(kOld + kNew), Each(Pair(testing::_, 1))));
  const auto healed = Run();
  EXPECT_EQ(healed.status, 0) << healed.output << healed.error_output;
}

TEST_F(Audit, Returns1IfCallbacksExpiredUnread) {
  const auto lost = Put(1);
  CommitAt(0);
  ASSERT_NO_FATAL_FAILURE(Expire(run_.topics().callbacks, lost.partition, 1));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 1) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("1 offsets have expired before the group read them"));
  EXPECT_THAT(Run({"--json"}).output,
              AllOf(HasSubstr(R"("ok":false)"), HasSubstr(R"("lostUnread":true)")));
}

TEST_F(Audit, HealsOnceIfTwoAuditsRunAtTheSameTime) {
  for (int fact = 0; fact < 40; ++fact) {
    const auto callback = Put(fact);
    if (fact % 2 == 0) Mark(callback);
  }
  CommitAll();
  const std::vector<std::string> arguments = {"audit",    "--redrive",
                                              "--config", run_.ConfigFile("ctl"),
                                              "--from",   common::FormatRfc3339(start_),
                                              "--to",     common::FormatRfc3339(start_ + hours(1))};
  tests::Process first(tests::Binary("sluicectl"), arguments);
  tests::Process second(tests::Binary("sluicectl"), arguments);
  ASSERT_TRUE(first.WaitForExit(seconds(60)));
  ASSERT_TRUE(second.WaitForExit(seconds(60)));
  Handle(40);
  EXPECT_EQ(Run().status, 0) << Run().output;
  EXPECT_THAT(run_.SettledCounts(run_.topics().processes), Each(Pair(testing::_, 1)));
}

TEST_F(Audit, ReportsSurplusAndUnmarkedOutcomes) {
  const auto twice = Put(1);
  Mark(twice);
  Publish(twice);
  Publish(twice);
  const auto first = Put(2);
  Mark(first);
  Publish(first);
  const auto second = Put(2);
  Mark(second);
  Bury(second);
  const auto unmarked = Put(3);
  Publish(unmarked);
  CommitAll();
  const auto found = Run({"--redrive"});
  EXPECT_EQ(found.status, 3) << found.output << found.error_output;
  EXPECT_THAT(found.output, HasSubstr("FOUND: 0 missing, 2 surplus, 1 unmarked\n"));
  EXPECT_THAT(found.output, AllOf(HasSubstr(Place(twice)), HasSubstr(Place(second)),
                                  HasSubstr(Place(unmarked)), HasSubstr("\n0 put back\n")));
  EXPECT_THAT(found.output, HasSubstr("and so has" + Place(first).substr(0, 4)));
}

TEST_F(Audit, CountsCallbacksWhoseOutcomeMayHaveExpired) {
  const auto callback = Put(1);
  Mark(callback);
  Publish(callback);
  CommitAll();
  ASSERT_EQ(Run().status, 0);
  ASSERT_NO_FATAL_FAILURE(Expire(run_.topics().processes, callback.partition, 1));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 1) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("1 that can no longer be judged"));
}

// Retention may leave a quiet partition without markers, but it cannot have deleted one of today.
TEST_F(Audit, ReportsSkippedCallbackIfOnlyOlderMarkersExpired) {
  const auto handled = Put(1);
  Mark(handled);
  ASSERT_NO_FATAL_FAILURE(Expire(run_.topics().seen, handled.partition, 1));
  Publish(handled);
  auto passed_over = ConsumerRun::Delivery(2);
  passed_over.partition = handled.partition;
  passed_over = Put(passed_over);
  CommitAll();
  const auto found = Run();
  EXPECT_EQ(found.status, 3) << found.output << found.error_output;
  EXPECT_THAT(found.output, AllOf(HasSubstr("missing   " + Place(passed_over).substr(1)),
                                  HasSubstr("FOUND: 1 missing, 0 surplus, 1 unmarked\n")));
}

TEST_F(Audit, NotesThatOldCallbacksMayHaveExpired) {
  const auto callback = Put(1);
  Mark(callback);
  Publish(callback);
  CommitAll();
  ASSERT_NO_FATAL_FAILURE(Expire(run_.topics().callbacks, callback.partition, 1));
  const auto today = Run();
  EXPECT_EQ(today.status, 0) << today.output << today.error_output;
  EXPECT_THAT(today.output, Not(HasSubstr("note:")));
  const auto arguments = [&] {
    std::vector<std::string> all = Arguments({});
    all.at(4) = "2020-01-01T00:00:00Z";
    return all;
  };
  const auto years = tests::RunProgram(tests::Binary("sluicectl"), arguments(), seconds(60));
  EXPECT_EQ(years.status, 0) << years.output << years.error_output;
  EXPECT_THAT(years.output, HasSubstr("note: callbacks before 20"));
}

TEST_F(Audit, FindsNothingWhileAConsumerRunsAndIsKilled) {
  run_.SetApiBehaviour(R"({"latency_ms":40})");
  auto consumer = run_.Start("a");
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*consumer); }, seconds(30)))
      << consumer->Describe();
  constexpr int kRounds = 10;
  constexpr int kFacts = 60;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<tests::Record> deliveries;
    for (int fact = 0; fact < kFacts; ++fact) {
      deliveries.push_back(ConsumerRun::Delivery(round * kFacts + fact));
      if (fact % 3 == 0) deliveries.push_back(ConsumerRun::Delivery(round * kFacts / 2 + fact));
    }
    run_.kafka().Produce(run_.topics().callbacks, deliveries);
    if (round == kRounds / 2) consumer->Kill();
    const auto audited = Run();
    ASSERT_EQ(audited.status, 0) << audited.output << audited.error_output;
    if (round == kRounds / 2) consumer = run_.Start("a");
  }
  ASSERT_TRUE(run_.PublishedWithin(kRounds * kFacts, seconds(60))) << consumer->Describe();
  ASSERT_TRUE(
      tests::WaitUntil([&] { return run_.Committed() == kRounds * kFacts * 4 / 3; }, seconds(30)));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 0) << audited.output;
  EXPECT_THAT(audited.output, HasSubstr("800 callbacks: 600 with a result or dead letter, 200 "
                                        "redelivered\nnothing is missing"));
}

// Kafka may have forgotten to end the transaction, so no wait would be long enough.
TEST_F(Audit, JudgesOffsetsCommittedBeforeAnOpenTransaction) {
  const auto handled = Put(1);
  Mark(handled);
  Publish(handled);
  const auto passed_over = Put(2);
  CommitAll();
  const auto producer = tests::MakeHandle(
      RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(),
      {{"transactional.id", tests::UniqueName("offsets")}, {"transaction.timeout.ms", "300000"}});
  const auto must = [](rd_kafka_error_t* error) {
    const common::kafka::ErrorHandle owned(error);
    if (owned) throw std::runtime_error(rd_kafka_error_string(owned.get()));
  };
  must(rd_kafka_init_transactions(producer.get(), tests::kLimitMs));
  must(rd_kafka_begin_transaction(producer.get()));
  rd_kafka_consumer_group_metadata_t* const group =
      rd_kafka_consumer_group_metadata_new(run_.group().c_str());
  must(rd_kafka_send_offsets_to_transaction(
      producer.get(),
      common::kafka::ListOf(
          run_.topics().callbacks,
          common::kafka::PartitionOffsets{{common::Partition(0), common::Offset(0)},
                                          {common::Partition(1), common::Offset(0)}})
          .get(),
      group, tests::kLimitMs));
  rd_kafka_consumer_group_metadata_destroy(group);
  const auto found = Run();
  EXPECT_EQ(found.status, 3) << found.output << found.error_output;
  EXPECT_THAT(found.output, AllOf(HasSubstr("missing   " + Place(passed_over).substr(1)),
                                  HasSubstr("note: an open transaction holds back")));
  must(rd_kafka_abort_transaction(producer.get(), tests::kLimitMs));
}

TEST_F(Audit, EndsOnSigint) {
  const auto callback = Put(1);
  Mark(callback);
  CommitAll();
  // The writer's transaction stays open, so the audit cannot reach the end of the topic.
  tests::Process writer(TRANSACTION_WRITER,
                        {tests::Broker::Shared().bootstrap(), run_.topics().processes,
                         tests::UniqueName("writer"), "v", "open"});
  ASSERT_TRUE(writer.WaitForOutput("produced", seconds(40))) << writer.Describe();
  tests::Process audit(tests::Binary("sluicectl"), Arguments({"--json"}));
  ASSERT_TRUE(audit.WaitForOutput(R"("findings":[)", seconds(20))) << audit.Describe();
  audit.Signal(SIGINT);
  EXPECT_EQ(audit.WaitForExit(seconds(20)), 1) << audit.Describe();
  EXPECT_THAT(audit.StandardError(), HasSubstr("interrupted"));
  EXPECT_THAT(audit.StandardOutput(), HasSubstr(R"("findings":[],"complete":false})"));
}

TEST_F(Audit, FailsIfATopicDoesNotExist) {
  const tests::TempDirectory files;
  const std::string file = files.Write(
      "consumer.yaml", "kafka: { bootstrap.servers: \"" + tests::Broker::Shared().bootstrap() +
                           "\" }\ntopics: { callbacks: " + run_.topics().callbacks +
                           ", seen: there-is-none, processes: " + run_.topics().processes +
                           ", dead: " + run_.topics().dead + " }\n");
  const auto audited = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"audit", "--config", file, "--from", "2026-11-23T08:00:00Z", "--to", "2026-11-23T09:00:00Z"},
      seconds(60));
  EXPECT_EQ(audited.status, 1);
  EXPECT_THAT(audited.error_output, HasSubstr("there is no topic there-is-none"));
}

TEST_F(Audit, AcceptsMalformedEventThatItsRowReadsAfterRedrive) {
  const tests::Record first =
      Put({.key = "p",
           .value = R"({"id":"e1","dossierId":"d","processId":"p"})",
           .headers = {{"provider", "hooks"}, {"request-id", std::string(32, 'a')}}});
  const auto of_bytes = common::IdentityOfUnreadable("hooks", *first.value);
  run_.kafka().Produce(run_.topics().seen,
                       {{.key = std::string(of_bytes.view()),
                         .value = "",
                         .headers = common::MarkerHeaders(common::MarkerOutcome::kDead),
                         .timestamp_ms = first.timestamp_ms,
                         .partition = first.partition}});
  Bury(first, common::DeadReason::kMalformed);
  tests::Record redriven = first;
  redriven.headers.push_back({"redrive", run_.topics().dead + "-0-0"});
  redriven.headers.push_back({"redrive-reason", "malformed"});
  redriven = Put(redriven);
  Mark(redriven);
  Publish(redriven);
  CommitAll();
  more_ =
      "providers: { hooks: { kind: events, extract: { id: /id, dossierId: /dossierId, "
      "processId: /processId } } }\n";
  const auto audited = Run();
  EXPECT_EQ(audited.status, 0) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("2 callbacks: 2 with a result or dead letter"));
}

TEST_F(Audit, RedrivesNothingOfUnknownRow) {
  tests::Record event = ConsumerRun::Delivery(1);
  event.headers.push_back({"event-id", "msg_1"});
  Put(event);
  Put(2);
  CommitAll();
  const auto audited = Run({"--redrive"});
  EXPECT_EQ(audited.status, 3) << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("note: the rows of 1 missing ones"),
                                    HasSubstr("1 put back"), HasSubstr("FOUND: 2 missing")));
  EXPECT_THAT(run_.kafka().ReadAll(run_.topics().callbacks), testing::SizeIs(3));
}

TEST_F(Audit, RequiresAValidTimeRange) {
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"audit", "--config", run_.ConfigFile("ctl")});
    return tests::RunProgram(tests::Binary("sluicectl"), arguments, seconds(20));
  };
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"--from", "2026-11-23T08:00:00Z"}).status, 2);
  EXPECT_EQ(run({"--from", "yesterday", "--to", "2026-11-23T08:00:00Z"}).status, 2);
  EXPECT_EQ(run({"--from", "2026-11-23T08:00:00Z", "--to", "2026-11-23T08:00:00Z"}).status, 2);
}

TEST_F(Audit, AcceptsReconciledResultsAndFindsMissingCallbacks) {
  const auto body = [](const std::string& process) {
    return R"({"dossierId":"dossier-1","processId":")" + process + R"(","provider":"onfido"})";
  };
  run_.kafka().Produce(run_.topics().expected, {{.key = "process-1", .value = body("process-1")},
                                                {.key = "lost", .value = body("lost")},
                                                {.key = "never", .value = body("never")},
                                                {.key = "forgotten", .value = body("forgotten")},
                                                {.key = "forgotten", .value = std::nullopt},
                                                {.key = "mistaken", .value = "{}"}});
  const auto consumer = run_.Start("a", "expected: { within: 1s, max_wait: 1h, rate: 100 }\n");
  // The API answers for any process but this one.
  run_.SetApiBehaviour(R"({"missing":["never"]})");
  ASSERT_TRUE(run_.PublishedWithin(2, seconds(60))) << consumer->Describe();
  more_ = "expected: { within: 1s, max_wait: 1h }\n";

  auto expected = Run({"--expected", "--json"});
  EXPECT_EQ(expected.status, 3) << expected.error_output;
  EXPECT_THAT(
      expected.output,
      AllOf(HasSubstr(R"("findings":[)"), HasSubstr(R"("processId":"never")"),
            Not(HasSubstr(R"("processId":"lost")")),
            HasSubstr(R"("announced":4,"came":0,"reconciled":2,"forgotten":1,"waiting":0,)"),
            HasSubstr(R"("overdue":1,"mistaken":1)")))
      << expected.output;

  // Late, without a status, and by another route.
  tests::Record late = ConsumerRun::Delivery(1);
  late.value = R"({"dossierId":"dossier-1","processId":"process-1"})";
  tests::Record elsewhere{.key = "lost",
                          .value = StatusOfResult("lost"),
                          .headers = {{"provider", "nobody-knows"}, {"request-id", "r-2"}}};
  run_.kafka().Produce(run_.topics().callbacks, {late, elsewhere});
  ASSERT_TRUE(tests::WaitUntil([&] { return run_.Committed() == 2; }, seconds(60)))
      << consumer->Describe();
  EXPECT_EQ(run_.Counts(run_.topics().processes).size(), 2U);
  const auto audit = Run({"--json"});
  EXPECT_EQ(audit.status, 0) << audit.output;
  EXPECT_THAT(audit.output,
              AllOf(HasSubstr(R"("callbacks":2,"disposedOf":0,"redelivered":2)"),
                    HasSubstr(R"("reconciled":2)"), HasSubstr(R"("namelessResults":0)")))
      << audit.output;
  EXPECT_EQ(Run({"--expected", "--redrive"}).status, 2);
}

}  // namespace
}  // namespace ctl
