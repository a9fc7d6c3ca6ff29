// Forges each kind of anomaly on real topics, as records of a transaction of an instance, and has
// `sluicectl audit --deep` name it. A consumer that is killed leaves none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/kafka/committed_offsets.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "consumer/state/result_record.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_calls.h"
#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using common::Deadline;
using common::WallTime;
using consumer::ConsumerRun;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kPartitions = 2;

enum class End { kCommit, kAbort, kNone };

class DeepAudit : public testing::Test {
 protected:
  using Producer = common::kafka::Handle;
  struct Outgoing {
    std::string topic;
    tests::Record record;
  };

  tests::Record Put(tests::Record record) {
    record.timestamp_ms = common::WallNow().time_since_epoch().count();
    return run_.kafka().Produce(run_.topics().callbacks, {std::move(record)}).at(0);
  }
  tests::Record Put(int fact) { return Put(ConsumerRun::Delivery(fact)); }

  /// A transaction's number: it began that long ago.
  static std::string Number(std::chrono::milliseconds ago) {
    return std::to_string((common::WallNow() - ago).time_since_epoch().count() * 1000);
  }
  [[nodiscard]] std::string Instance() const { return run_.group() + "-a-0"; }

  [[nodiscard]] tests::Record Named(tests::Record record, const std::string& number) const {
    record.headers.push_back({"instance", Instance()});
    record.headers.push_back({"transaction", number});
    return record;
  }
  Outgoing ResultOf(const tests::Record& callback, const std::string& number,
                    std::string_view process = "{}") const {
    const auto facts = common::ReadCallback(*callback.value, callback.headers, {});
    const auto result = consumer::MakeResult(
        facts, callback.headers,
        {common::Partition(callback.partition), common::Offset(callback.offset)},
        {.process = process, .dossier = {}, .fetched_at = {}});
    return {run_.topics().processes, Named({.key = result.key,
                                            .value = result.value,
                                            .headers = result.headers,
                                            .partition = callback.partition},
                                           number)};
  }
  Outgoing MarkerOf(const tests::Record& callback, const std::string& number) const {
    const auto facts = common::ReadCallback(*callback.value, callback.headers, {});
    tests::Record marker{.key = std::string(facts.identity.view()),
                         .value = "",
                         .headers = common::MarkerHeaders(common::MarkerOutcome::kPublished),
                         .timestamp_ms = callback.timestamp_ms,
                         .partition = callback.partition};
    marker.headers.push_back(
        {"key-hash", common::ToHashText(common::Murmur2(callback.key.value_or("")))});
    return {run_.topics().seen, Named(std::move(marker), number)};
  }

  /// Writes the records in one transaction, under the transactional id of an instance. Without an
  /// end it stays open for as long as the producer lives.
  Producer Transact(const std::vector<Outgoing>& records, End end) {
    Producer producer =
        tests::MakeHandle(RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(),
                          {{"transactional.id", Instance()}, {"transaction.timeout.ms", "300000"}});
    const auto must = [](rd_kafka_error_t* error) {
      const common::kafka::ErrorHandle owned(error);
      if (owned) throw std::runtime_error(rd_kafka_error_string(owned.get()));
    };
    must(rd_kafka_init_transactions(producer.get(), tests::kLimitMs));
    must(rd_kafka_begin_transaction(producer.get()));
    for (const auto& [topic, record] : records) {
      const auto sent = common::kafka::SendRecord(
          producer.get(), topic,
          {.key = *record.key,
           .value = *record.value,
           .partition = common::Partition(record.partition),
           .timestamp =
               record.timestamp_ms == 0
                   ? std::nullopt
                   : std::optional(WallTime{std::chrono::milliseconds(record.timestamp_ms)})},
          common::kafka::ToKafka(record.headers));
      if (sent != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(sent));
    }
    // Delivery reports are events, which nothing else takes.
    const common::kafka::Queue reports(rd_kafka_queue_get_main(producer.get()));
    const auto are_delivered = [&] {
      const common::kafka::Event event(rd_kafka_queue_poll(reports.get(), 100));
      return rd_kafka_outq_len(producer.get()) == 0;
    };
    if (!tests::WaitUntil(are_delivered, seconds(40))) throw std::runtime_error("not delivered");
    if (end == End::kCommit) must(rd_kafka_commit_transaction(producer.get(), tests::kLimitMs));
    if (end == End::kAbort) must(rd_kafka_abort_transaction(producer.get(), tests::kLimitMs));
    return producer;
  }
  /// Handles the callback as consumer does, but for the offset.
  void Handle(const tests::Record& callback, const std::string& number) {
    Transact({ResultOf(callback, number), MarkerOf(callback, number)}, End::kCommit);
  }

  /// Commits the ends of all partitions, as that transaction of the instance, if there is one.
  void CommitAll(const std::string& number = "", std::int64_t beyond = 0) {
    std::map<common::Partition, common::kafka::CommittedOffset> offsets;
    for (const common::Partition partition : common::AllPartitions(kPartitions)) {
      auto& offset = offsets[partition];
      const auto end = run_.kafka().HighWatermark(run_.topics().callbacks, partition.number());
      offset.offset = common::Offset(std::max<std::int64_t>(0, end + beyond));
      if (number.empty()) continue;
      offset.metadata = {.partitions = kPartitions, .instance = Instance(), .transaction = number};
    }
    const auto client = tests::MakeHandle(RD_KAFKA_CONSUMER, tests::Broker::Shared().bootstrap(),
                                          {{"group.id", run_.group()}});
    ASSERT_EQ(common::kafka::CommitOffsets(client.get(), run_.topics().callbacks, offsets,
                                           Deadline::After(seconds(40))),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  tests::Finished Run(std::vector<std::string> more = {}) {
    const WallTime now = common::WallNow();
    std::vector<std::string> arguments{"audit",    "--deep",
                                       "--config", run_.ConfigFile("ctl"),
                                       "--from",   common::FormatRfc3339(now - hours(12)),
                                       "--to",     common::FormatRfc3339(now + hours(12))};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tests::RunProgram(tests::Binary("sluicectl"), arguments, seconds(200));
  }
  /// "torn-transaction       processes:1:0 "
  static std::string Line(const std::string& anomaly, const std::string& topic,
                          const tests::Record& record) {
    return anomaly + std::string(23 - anomaly.size(), ' ') + topic + ":" +
           std::to_string(record.partition) + ":" + std::to_string(record.offset) + " ";
  }

  ConsumerRun run_{tests::Broker::Shared().bootstrap(), kPartitions};
};

TEST_F(DeepAudit, FindsNothingInWholeTransactions) {
  for (int fact = 0; fact < 5; ++fact) {
    const auto callback = Put(fact);
    const std::string number = Number(minutes(fact + 1));
    Transact({ResultOf(callback, number), MarkerOf(callback, number)}, End::kAbort);
    Handle(callback, Number(seconds(30)));
  }
  CommitAll(Number(seconds(30)));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 0) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("no anomaly\n5 callbacks: 5 with a result"));
  EXPECT_THAT(audited.output, HasSubstr(" aborted\n"));
  const auto json = Run({"--json"});
  EXPECT_THAT(json.output, AllOf(HasSubstr(R"("anomalies":[],"history":{"transactions":)"),
                                 HasSubstr(R"("anomalies":{}},"findings":[],"complete":true)")))
      << json.output;
}

TEST_F(DeepAudit, NamesATornTransaction) {
  const auto callback = Put(1);
  const std::string number = Number(minutes(5));
  Transact({ResultOf(callback, number)}, End::kCommit);
  Transact({MarkerOf(callback, number)}, End::kAbort);
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  tests::Record result = callback;
  result.offset = 0;
  EXPECT_THAT(audited.output,
              AllOf(HasSubstr(Line("torn-transaction", run_.topics().processes, result)),
                    HasSubstr("transaction " + number + " of " + Instance()),
                    HasSubstr("1 of its 1 result visible, 0 of its 1 marker visible"),
                    HasSubstr("ANOMALIES: 1 torn-transaction\n"),
                    HasSubstr("FOUND: 0 missing, 0 surplus, 1 unmarked")));
  EXPECT_THAT(Run({"--json"}).output, AllOf(HasSubstr(R"({"anomaly":"torn-transaction","topic":")"),
                                            HasSubstr(R"("anomalies":{"torn-transaction":1})")));
}

TEST_F(DeepAudit, NamesAnAbortedRead) {
  const auto callback = Put(1);
  const std::string number = Number(minutes(5));
  Transact({ResultOf(callback, number)}, End::kCommit);
  Transact({MarkerOf(callback, number)}, End::kAbort);
  CommitAll(Number(minutes(6)));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("aborted-read "), HasSubstr("an earlier one's"),
                                    HasSubstr("ANOMALIES: 1 aborted-read\n")));
}

TEST_F(DeepAudit, NamesRecordsWhoseOffsetIsNotThere) {
  const auto callback = Put(1);
  Handle(callback, Number(minutes(5)));
  CommitAll(Number(minutes(6)));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output,
              HasSubstr("but the group's offset is that of the earlier transaction"));
}

TEST_F(DeepAudit, NamesARecordWithoutMarkerAndAMarkerWithoutRecord) {
  const auto unmarked = Put(1);
  const auto empty = Put(2);
  Transact({ResultOf(unmarked, Number(minutes(5)))}, End::kCommit);
  Transact({MarkerOf(empty, Number(minutes(4)))}, End::kCommit);
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("record-without-marker  " + run_.topics().processes),
                                    HasSubstr("marker-without-record  " + run_.topics().seen),
                                    HasSubstr("FOUND: 1 missing, 0 surplus, 1 unmarked")));
}

// Retention has not had the time, so somebody has deleted it.
TEST_F(DeepAudit, NamesTheCallbackOfADeletedMarker) {
  const auto callback = Put(1);
  Handle(callback, Number(minutes(5)));
  CommitAll();
  run_.kafka().DeleteRecords(run_.topics().seen, callback.partition, 1);
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("FOUND: 0 missing, 0 surplus, 1 unmarked"));
}

TEST_F(DeepAudit, NamesAnotherPersonsDocument) {
  const auto callback = Put(1);
  const std::string number = Number(minutes(5));
  Transact({ResultOf(callback, number, R"({"processId":"process-2"})"), MarkerOf(callback, number)},
           End::kCommit);
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output,
              AllOf(HasSubstr("foreign-document "),
                    HasSubstr("the process has processId process-2 instead of process-1"),
                    HasSubstr("ANOMALIES: 1 foreign-document\n")));
}

TEST_F(DeepAudit, NamesDuplicates) {
  const auto callback = Put(1);
  Handle(callback, Number(minutes(5)));
  Handle(callback, Number(minutes(4)));
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("duplicate              " + run_.topics().seen),
                                    HasSubstr("ANOMALIES: 1 duplicate\n"),
                                    HasSubstr("FOUND: 0 missing, 1 surplus, 0 unmarked")));
}

TEST_F(DeepAudit, NamesARecordInAWrongPartition) {
  std::vector<tests::Record> all;
  for (int fact = 0; fact < 40; ++fact) all.push_back(ConsumerRun::Delivery(fact));
  all = run_.kafka().Produce(run_.topics().callbacks, std::move(all));
  tests::Record astray = ConsumerRun::Delivery(1);
  astray.partition = 1 - all.at(1).partition;
  astray = Put(std::move(astray));
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output,
              AllOf(HasSubstr(Line("wrong-partition", run_.topics().callbacks, astray)),
                    HasSubstr("ANOMALIES: 1 wrong-partition\n")));
}

TEST_F(DeepAudit, NamesOffsetsThatDoNotFitTheirLog) {
  const auto callback = Put(1);
  Handle(callback, Number(minutes(5)));
  CommitAll("", 7);
  auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output,
              AllOf(HasSubstr("inconsistent-offset    "), HasSubstr("beyond the log's end"),
                    HasSubstr("ANOMALIES: 2 inconsistent-offset\n")));
  Put(callback);
  CommitAll("", -1);
  run_.kafka().DeleteRecords(run_.topics().callbacks, callback.partition, 2);
  audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, HasSubstr("1 offsets have expired before the group read them"));
}

TEST_F(DeepAudit, NamesAnOffsetThatPassesAnUnhandledCallback) {
  const auto handled = Put(1);
  Handle(handled, Number(minutes(5)));
  const auto passed = Put(2);
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("no anomaly\n"),
                                    HasSubstr("missing   " + std::to_string(passed.partition) +
                                              ":" + std::to_string(passed.offset)),
                                    HasSubstr("FOUND: 1 missing")));
}

TEST_F(DeepAudit, NamesATransactionThatHangsAlthoughTheAuditCannotReadOn) {
  const auto callback = Put(1);
  const std::string number = Number(minutes(10));
  const auto producer =
      Transact({ResultOf(callback, number), MarkerOf(callback, number)}, End::kNone);
  CommitAll();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 3) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("hanging-transaction    "),
                                    HasSubstr("transaction " + number + " of " + Instance()),
                                    HasSubstr("ANOMALIES: 1 hanging-transaction\n")));
  EXPECT_THAT(audited.error_output, HasSubstr("a transaction stays open there"));
}

TEST_F(DeepAudit, FindsNothingAfterConsumersWereKilled) {
  run_.SetApiBehaviour(R"({"latency_ms":20})");
  constexpr int kRounds = 6;
  constexpr int kFacts = 80;
  for (int round = 0; round < kRounds; ++round) {
    const auto consumer = run_.Start("a");
    std::vector<tests::Record> deliveries;
    for (int fact = 0; fact < kFacts; ++fact) {
      deliveries.push_back(ConsumerRun::Delivery(round * kFacts + fact));
      if (fact % 4 == 0) deliveries.push_back(ConsumerRun::Delivery(round * kFacts / 2 + fact));
    }
    run_.kafka().Produce(run_.topics().callbacks, deliveries);
    const auto enough = static_cast<std::size_t>(round * kFacts + kFacts / 2);
    ASSERT_TRUE(run_.PublishedWithin(enough, seconds(60))) << consumer->Describe();
    if (round == kRounds / 2) {
      const auto while_it_runs = Run();
      EXPECT_EQ(while_it_runs.status, 0) << while_it_runs.output << while_it_runs.error_output;
    }
    consumer->Kill();
  }
  const auto consumer = run_.Start("a");
  ASSERT_TRUE(run_.PublishedWithin(kRounds * kFacts, seconds(90))) << consumer->Describe();
  const auto all = kRounds * kFacts * 5 / 4;
  ASSERT_TRUE(tests::WaitUntil([&] { return run_.Committed() == all; }, seconds(40)))
      << consumer->Describe();
  const auto audited = Run();
  EXPECT_EQ(audited.status, 0) << audited.output << audited.error_output;
  EXPECT_THAT(audited.output, AllOf(HasSubstr("no anomaly\n600 callbacks: 480 with a result"),
                                    Not(HasSubstr("names no transaction"))));
}

}  // namespace
}  // namespace ctl
