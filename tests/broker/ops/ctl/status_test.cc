#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/kafka/partition_offsets.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_calls.h"

namespace ctl {
namespace {

using consumer::ConsumerRun;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Status : public testing::Test {
 protected:
  std::unique_ptr<tests::Process> StartIngest() {
    const std::string file =
        files_.Write("ingest.yaml",
                     "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ndrain_delay: 0ms\n"
                     "kafka: { bootstrap.servers: \"" +
                         tests::Broker::Shared().bootstrap() +
                         "\" }\ntopics: { callbacks: " + run_.topics().callbacks + " }\n");
    return std::make_unique<tests::Process>(tests::Binary("ingest"),
                                            std::vector<std::string>{"--config", file});
  }
  static std::string AdminOf(tests::Process& program, const std::string& event) {
    if (!program.WaitForOutput(event, seconds(20))) throw std::runtime_error(program.Describe());
    return "127.0.0.1:" +
           std::to_string(consumer::LoggedNumber(program.StandardError(), event, "admin_port"));
  }

  std::vector<std::string> Arguments(std::vector<std::string> more) {
    more.insert(more.begin(), {"status", "--config", run_.ConfigFile("ctl")});
    if (!instances_.empty()) more.push_back("--instance=" + instances_);
    return more;
  }
  tests::Finished Run(std::vector<std::string> more = {}) {
    return tests::RunProgram(tests::Binary("sluicectl"), Arguments(std::move(more)), seconds(60));
  }
  /// Waits until `status` prints the text.
  testing::AssertionResult Says(const std::string& text) {
    tests::Finished last;
    const bool is_said = tests::WaitUntil(
        [&] {
          last = Run();
          return last.output.find(text) != std::string::npos;
        },
        seconds(40), milliseconds(200));
    if (is_said) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "missing: " << text << "\n"
                                       << last.output << last.error_output;
  }

  struct Offset {
    std::int64_t offset = 0;
    std::string metadata;
  };
  /// Waits until the group has no member, then commits.
  void Commit(const std::map<std::int32_t, Offset>& offsets) {
    const auto client = tests::MakeHandle(RD_KAFKA_CONSUMER, tests::Broker::Shared().bootstrap(),
                                          {{"group.id", run_.group()}});
    const common::kafka::PartitionList list(rd_kafka_topic_partition_list_new(2));
    for (const auto& [partition, offset] : offsets) {
      auto* const entry =
          rd_kafka_topic_partition_list_add(list.get(), run_.topics().callbacks.c_str(), partition);
      entry->offset = offset.offset;
      entry->metadata = ::strdup(offset.metadata.c_str());
      entry->metadata_size = offset.metadata.size();
    }
    tests::Persist("commit", [&](int) { return rd_kafka_commit(client.get(), list.get(), 0); });
  }
  /// Deletes records as retention does.
  void DeleteRecordsBefore(std::int32_t partition, std::int64_t offset) {
    const auto client =
        tests::MakeHandle(RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(), {});
    const auto list = common::kafka::ListOf(
        run_.topics().callbacks,
        common::kafka::PartitionOffsets{{common::Partition(partition), common::Offset(offset)}});
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
    const common::kafka::Queue queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue.get());
    rd_kafka_DeleteRecords_destroy(request);
    const common::kafka::Event event(rd_kafka_queue_poll(queue.get(), tests::kLimitMs));
    ASSERT_TRUE(event);
    ASSERT_EQ(rd_kafka_event_error(event.get()), 0) << rd_kafka_event_error_string(event.get());
  }

  ConsumerRun run_{tests::Broker::Shared().bootstrap(), 2};
  tests::TempDirectory files_;
  std::string instances_;
};

TEST_F(Status, ReportsAPipelineFromStartToFailure) {
  const auto nobody = Run();
  EXPECT_EQ(nobody.status, 3) << nobody.error_output;
  EXPECT_THAT(nobody.output, StartsWith("NOT WELL\n  no consumer is in the group "));

  const auto consumer = run_.Start("a", "fetch: { breaker: { failures: 3, probe_every: 200ms } }");
  const auto ingest = StartIngest();
  instances_ = AdminOf(*consumer, "consumer.started") + "," + AdminOf(*ingest, "ingest.listening");
  ASSERT_TRUE(Says("ok: 1 member reads 2 partitions, nothing waits"));
  run_.kafka().Produce(run_.topics().callbacks, {ConsumerRun::Delivery(1)});
  ASSERT_TRUE(run_.PublishedWithin(1, seconds(30))) << consumer->Describe();
  ASSERT_TRUE(Says("s ago\n"));
  const std::string well = Run().output;
  EXPECT_THAT(well, AllOf(HasSubstr("\n" + run_.group() + "-a-0  127.0.0.1  0-1  "),
                          HasSubstr("  consumer  ready  "), HasSubstr("  closed  "),
                          HasSubstr("  ingest    ready  ")));
  const auto json = Run({"--json"});
  EXPECT_THAT(json.output, AllOf(StartsWith(R"({"ok":true,)"), HasSubstr(R"("kind":"ingest")"),
                                 HasSubstr(R"("partitions":[0,1],"lag":0)")));

  run_.kafka().Produce(run_.topics().callbacks, {{.key = "k", .value = "no json"}});
  ASSERT_TRUE(Says("\n  note: 1 dead letter in the last hour: 1 malformed\n"));
  EXPECT_EQ(Run().status, 0) << "one letter alone must not count";
  run_.SetApiBehaviour(R"({"down":true})");
  std::vector<tests::Record> deliveries;
  for (int fact = 2; fact < 20; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run_.kafka().Produce(run_.topics().callbacks, deliveries);
  ASSERT_TRUE(Says("its circuit breaker is open"));
  ASSERT_TRUE(Says("ingest    ready"));
  ingest->Kill();
  ASSERT_TRUE(Says(": no answer: "));
  EXPECT_EQ(Run().status, 3);
}

TEST_F(Status, ReportsOffsetsThatContradictTheLog) {
  const auto consumer = run_.Start("a");
  ASSERT_TRUE(Says("ok: 1 member reads 2 partitions"));
  EXPECT_EQ(consumer->Terminate(seconds(20)), 0);
  for (const std::int32_t partition : {0, 1}) {
    tests::Record record = ConsumerRun::Delivery(partition);
    record.timestamp_ms = 1'700'000'000'000;
    record.partition = partition;
    run_.kafka().Produce(run_.topics().callbacks, {record, record, record, record});
  }
  Commit({{0, {9, ""}}, {1, {3, ""}}});
  EXPECT_THAT(
      Run().output,
      HasSubstr("partition 0: the log went back: it ends at offset 4, the group stands at 9"));
  Commit({{0, {0, ""}}, {1, {3, "partitions=12;last=2@1700000000000"}}});
  DeleteRecordsBefore(0, 3);
  const auto expired = Run();
  EXPECT_EQ(expired.status, 3);
  EXPECT_THAT(
      expired.output,
      AllOf(HasSubstr("partition 0: offsets 0 to 2 have expired unread"),
            HasSubstr("the group's offsets rest on 12 partitions of callbacks, which has 2"),
            testing::Not(HasSubstr("partition 1: the log"))));
  Commit({{0, {4, "partitions=2"}}, {1, {3, "partitions=2;last=2@1600000000000"}}});
  EXPECT_THAT(Run().output,
              HasSubstr("partition 1: the log is not the one that the group has read"));
  const std::string last = "partitions=2;last=3@1700000000000;unchecked=";
  Commit({{0, {4, "partitions=2"}}, {1, {4, last + "0@1700000000000,1@1700000000000"}}});
  EXPECT_THAT(Run().output, testing::Not(HasSubstr("partition 1: the log")));
  Commit({{0, {4, "partitions=2"}}, {1, {4, last + "0@1700000000000,1@1600000000000"}}});
  EXPECT_THAT(Run().output,
              HasSubstr("partition 1: the log is not the one that the group has read"))
      << "of the record before a pause";
}

TEST_F(Status, FindsOpenTransactionThatBlocksResults) {
  tests::Process writer(TRANSACTION_WRITER,
                        {tests::Broker::Shared().bootstrap(), run_.topics().processes,
                         tests::UniqueName("writer"), "v", "open"});
  ASSERT_TRUE(writer.WaitForOutput("produced", seconds(40))) << writer.Describe();
  const auto status = Run({"--json"});
  EXPECT_EQ(status.status, 3) << status.output;
  const std::string place = run_.topics().processes + R"(","partition":)";
  EXPECT_THAT(status.output, HasSubstr(R"("transactions":[{"topic":")" + place));
  EXPECT_THAT(status.output, HasSubstr("a transaction is open on " + run_.topics().processes));
  EXPECT_THAT(status.output, HasSubstr("it does not end by itself"));
}

TEST_F(Status, FindsOpenTransactionOfAProgramThatAnnounces) {
  tests::Process writer(TRANSACTION_WRITER,
                        {tests::Broker::Shared().bootstrap(), run_.topics().expected,
                         tests::UniqueName("writer"), "{}", "open"});
  ASSERT_TRUE(writer.WaitForOutput("produced", seconds(40))) << writer.Describe();
  const std::string place = R"("topic":")" + run_.topics().expected + R"(","partition":)";
  for (const bool is_watched : {false, true}) {
    const std::string config = run_.ConfigFile("ctl", is_watched ? "expected: {}\n" : "");
    for (const char* command : {"status", "transactions"}) {
      const auto shown = tests::RunProgram(tests::Binary("sluicectl"),
                                           {command, "--config", config, "--json"}, seconds(60));
      EXPECT_EQ(shown.output.find(place) != std::string::npos, is_watched)
          << command << ": " << shown.output << shown.error_output;
    }
  }
}

TEST_F(Status, ReportsGroupOffsetBlockedByATransaction) {
  Commit({{0, {0, ""}}, {1, {0, ""}}});
  const auto producer = tests::MakeHandle(RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(),
                                          {{"transactional.id", tests::UniqueName("offsets")}});
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
          common::kafka::PartitionOffsets{{common::Partition(1), common::Offset(0)}})
          .get(),
      group, tests::kLimitMs));
  rd_kafka_consumer_group_metadata_destroy(group);
  const auto status = Run();
  EXPECT_EQ(status.status, 3) << status.output << status.error_output;
  EXPECT_THAT(status.output,
              AllOf(HasSubstr("partition 1: an open transaction has held back the group's offset"),
                    testing::Not(HasSubstr("partition 0:"))));
  must(rd_kafka_abort_transaction(producer.get(), tests::kLimitMs));
}

// A transaction's marker takes an offset, but is not a record.
TEST_F(Status, DoesNotCountTransactionMarkersAsCallbacks) {
  tests::Process writer(TRANSACTION_WRITER, {tests::Broker::Shared().bootstrap(),
                                             run_.topics().callbacks, tests::UniqueName("writer"),
                                             R"({"dossierId":"d","processId":"p"})", "commit"});
  ASSERT_EQ(writer.WaitForExit(seconds(40)), 0) << writer.Describe();
  const auto json = Run({"--json"});
  EXPECT_THAT(json.output, HasSubstr(R"("lag":1,"partitions":)")) << "one record and its marker";
}

TEST_F(Status, ProbesTheAdminAddressOfTheConfiguration) {
  const auto status = [&](const std::string& admin) {
    const std::string file =
        files_.Write("status.yaml", "admin: " + admin + "\nkafka: { bootstrap.servers: \"" +
                                        tests::Broker::Shared().bootstrap() +
                                        "\" }\ntopics: { callbacks: " + run_.topics().callbacks +
                                        ", seen: " + run_.topics().seen +
                                        ", processes: " + run_.topics().processes +
                                        ", dead: " + run_.topics().dead + " }\n");
    return tests::RunProgram(tests::Binary("sluicectl"), {"status", "--config", file}, seconds(60))
        .output;
  };
  const auto ingest = StartIngest();
  const std::string admin = AdminOf(*ingest, "ingest.listening");
  EXPECT_THAT(status(admin), HasSubstr("http://" + admin + "  ingest "));
  ingest->Kill();
  EXPECT_THAT(status(admin), testing::Not(HasSubstr(admin)));
}

TEST_F(Status, RepeatsUntilSigintWithWatch) {
  tests::Process watch(tests::Binary("sluicectl"), Arguments({"--watch", "--json"}));
  const auto rounds = [&] {
    const std::string text = watch.StandardOutput();
    return std::count(text.begin(), text.end(), '\n');
  };
  ASSERT_TRUE(tests::WaitUntil([&] { return rounds() >= 2; }, seconds(40))) << watch.Describe();
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.WaitForExit(seconds(20)), 0) << watch.Describe();
}

TEST_F(Status, CountsNewDeadLettersWithWatch) {
  tests::Process watch(tests::Binary("sluicectl"), Arguments({"--watch"}));
  ASSERT_TRUE(watch.WaitForOutput("dead letters: 0,", seconds(40))) << watch.Describe();
  const auto letter = [](const std::string& reason) {
    return tests::Record{.key = "k", .value = "v", .headers = {{"dead.reason", reason}}};
  };
  run_.kafka().Produce(run_.topics().dead, {letter("gone"), letter("gone"), letter("malformed")});
  EXPECT_TRUE(
      watch.WaitForOutput("dead letters: 3, in the last hour 3, 2 gone, 1 malformed", seconds(40)))
      << watch.Describe();
}

TEST(StatusWithoutABroker, ShowsInstancesAndFails) {
  const auto shown = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"status", "--bootstrap", "127.0.0.1:9", "--instance", "127.0.0.1:9"}, seconds(60));
  EXPECT_EQ(shown.status, 1);
  EXPECT_THAT(shown.output,
              AllOf(StartsWith("NOT WELL\n  Kafka: "), HasSubstr("http://127.0.0.1:9: no answer")));
}

}  // namespace
}  // namespace ctl
