#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <sstream>

#include "common/base/deadline.h"
#include "common/domain/dead_letter.h"
#include "common/kafka/partition_offsets.h"
#include "ops/ctl/run.h"
#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using common::DeadReason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using tests::Record;

constexpr std::int64_t kHourMs = 3'600'000;

/// Deletes records as retention does.
void DeleteRecordsBefore(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  const auto client = tests::MakeHandle(RD_KAFKA_PRODUCER, tests::Broker::Shared().bootstrap(), {});
  const common::kafka::PartitionList list = common::kafka::ListOf(
      topic,
      common::kafka::PartitionOffsets{{common::Partition(partition), common::Offset(offset)}});
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  const common::kafka::Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  const common::kafka::Event event(rd_kafka_queue_poll(queue.get(), tests::kLimitMs));
  ASSERT_TRUE(event);
  ASSERT_EQ(rd_kafka_event_error(event.get()), 0) << rd_kafka_event_error_string(event.get());
}

/// Runs sluicectl on topics of its own.
class DeadTest : public testing::Test {
 protected:
  DeadTest() : cluster_(tests::Broker::Shared().bootstrap()) {
    dead_ = cluster_.CreateUniqueTopic("dead", {.partitions = 2, .configs = {}});
    UseCallbacks({.partitions = 4, .configs = {}});
  }

  /// Creates a new topic and uses it as `callbacks`.
  void UseCallbacks(const tests::TopicSpec& spec) {
    callbacks_ = cluster_.CreateUniqueTopic("callbacks", spec);
    WriteConfig();
  }

  void WriteConfig() {
    config_ = directory_.Write(
        "consumer.yaml", "kafka: { bootstrap.servers: \"" + tests::Broker::Shared().bootstrap() +
                             "\" }\ntopics: { callbacks: " + callbacks_ + ", dead: " + dead_ +
                             ", seen: s, processes: p }\n");
  }

  static Record Letter(const std::string& process, const std::string& provider, DeadReason reason) {
    common::DeadLetter letter;
    letter.reason = reason;
    letter.attempts = 3;
    letter.topic = "callbacks";
    return {.key = process,
            .value = R"({"dossierId":"d-)" + process + R"(","processId":")" + process + "\"}",
            .headers = common::HeadersOf({{"provider", provider}, {"schema", "1"}}, letter)};
  }

  int Sluicectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "dead");
    arguments.insert(arguments.end(), {"--config", config_});
    std::ostringstream out;
    std::ostringstream err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }

  tests::TempDirectory directory_;
  tests::KafkaClient cluster_;
  std::string callbacks_;
  std::string dead_;
  std::string config_;
  std::string out_;
  std::string err_;
};

TEST_F(DeadTest, ListsLettersThatMatchTheFilter) {
  cluster_.Produce(
      dead_, {Letter("one", "eid", DeadReason::kGone), Letter("two", "onfido", DeadReason::kTooOld),
              Letter("three", "onfido", DeadReason::kGone)});
  const auto keys = [&](std::vector<std::string> filter) {
    filter.insert(filter.begin(), "list");
    EXPECT_EQ(Sluicectl(filter), 0) << err_;
    std::vector<std::string> found;
    for (const char* key : {"one", "two", "three"}) {
      if (out_.find("  " + std::string(key) + "\n") != std::string::npos) found.push_back(key);
    }
    return found;
  };
  EXPECT_THAT(keys({}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(keys({"--provider", "onfido"}), ElementsAre("two", "three"));
  EXPECT_THAT(keys({"--provider", "onfido", "--reason", "gone"}), ElementsAre("three"));
  EXPECT_THAT(keys({"--id", "d-two"}), ElementsAre("two"));
  EXPECT_THAT(keys({"--from", "2020-01-01T00:00:00Z"}), ElementsAre("one", "two", "three"));
  EXPECT_THAT(keys({"--to", "2020-01-01T00:00:00Z"}), IsEmpty());
  EXPECT_EQ(err_, "there are no such dead letters\n");
}

// Before the topic was replaced, other letters had the same offsets.
TEST_F(DeadTest, RedrivesLettersAtOffsetsReusedByAReplacedTopic) {
  const auto letter = [](const std::string& process, const std::string& request_id) {
    Record record = Letter(process, "eid", DeadReason::kGone);
    record.headers.insert(record.headers.begin(), {"request-id", request_id});
    record.partition = 0;
    return record;
  };
  cluster_.Produce(dead_, {letter("one", "r1"), letter("two", "r2"), letter("three", "r3")});
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 3 letters\n");
  cluster_.DeleteTopic(dead_);
  const auto create = [&] {
    try {
      cluster_.CreateTopic(dead_, {.partitions = 2, .configs = {}});
      return true;
    } catch (const std::exception&) {
      return false;  // Kafka is still deleting the old one.
    }
  };
  ASSERT_TRUE(tests::WaitUntil(create, seconds(60)));
  // Another callback, another delivery of the same fact, and the same letter, from a backup.
  cluster_.Produce(dead_, {letter("four", "r4"), letter("two", "r5"), letter("three", "r3")});
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 2 letters; skipped 1, redriven before\n");
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 0 letters; skipped 3, redriven before\n");
}

TEST_F(DeadTest, ListsLettersAsOneJsonArray) {
  EXPECT_EQ(Sluicectl({"list", "--json"}), 0);
  EXPECT_EQ(out_, "[]\n");
  cluster_.Produce(
      dead_, {Letter("one", "eid", DeadReason::kGone), Letter("two", "eid", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"list", "--json"}), 0);
  EXPECT_THAT(out_, testing::MatchesRegex("\\[\n\\{[^\n]*\\},\n\\{[^\n]*\\}\n\\]\n"));
  EXPECT_THAT(out_, AllOf(HasSubstr(R"("key":"one","provider":"eid","reason":"gone")"),
                          HasSubstr(R"("key":"two","provider":"eid","reason":"gone")")));
}

TEST_F(DeadTest, ListsLettersOfATimeRange) {
  constexpr std::int64_t kTen = 1'700'000'000'000;
  Record early = Letter("early", "eid", DeadReason::kGone);
  Record late = Letter("late", "eid", DeadReason::kGone);
  early.timestamp_ms = kTen;
  late.timestamp_ms = kTen + 3'600'000;
  early.partition = late.partition = 0;
  cluster_.Produce(dead_, {early, late});
  const auto time = [](std::int64_t ms) {
    return common::FormatRfc3339(common::WallTime(milliseconds(ms)));
  };
  EXPECT_EQ(Sluicectl({"list", "--from", time(kTen), "--to", time(kTen + 3'600'000)}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("  early\n"), Not(HasSubstr("  late\n"))));
  EXPECT_EQ(Sluicectl({"list", "--from", time(kTen + 1)}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("  late\n"), Not(HasSubstr("  early\n"))));
}

TEST_F(DeadTest, ShowsOneLetter) {
  Record letter = Letter("one", "eid", DeadReason::kGone);
  letter.partition = 1;
  cluster_.Produce(dead_, {letter});
  EXPECT_EQ(Sluicectl({"show", "1:0"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr(dead_ + " 1:0\n"), HasSubstr("  dead.reason       gone\n"),
                          HasSubstr(R"({"dossierId":"d-one","processId":"one"})"
                                    "\n")));
  EXPECT_EQ(Sluicectl({"show", "1:1"}), 1);
  EXPECT_EQ(err_, "sluicectl: there is no dead letter 1:1: the partition ends at offset 1\n");
  EXPECT_EQ(Sluicectl({"show", "7:0"}), 2);
  EXPECT_EQ(err_, "sluicectl: " + dead_ + " has no partition 7, only 0 to 1\n");
}

TEST_F(DeadTest, ProducesNothingInADryRun) {
  cluster_.Produce(
      dead_, {Letter("one", "eid", DeadReason::kGone), Letter("two", "onfido", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"redrive", "--provider", "eid", "--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("  one\n"), Not(HasSubstr("  two\n")),
                          HasSubstr("would redrive 1 letter\n")));
  EXPECT_EQ(Sluicectl({"redrive", "--all", "--dry-run", "--json"}), 0) << err_;
  EXPECT_EQ(out_, R"({"dryRun":true,"complete":true,"selected":2,"redriven":0,"failed":0,)"
                  R"("redrivenBefore":0,"unsure":0,"failures":[]})"
                  "\n");
  EXPECT_THAT(Keys(cluster_.ReadAll(callbacks_)), IsEmpty());
}

TEST_F(DeadTest, RedrivesLettersAsIngestSentThem) {
  std::vector<Record> letters;
  for (int i = 0; i < 20; ++i) {
    letters.push_back(Letter("process-" + std::to_string(i), "eid", DeadReason::kGone));
  }
  letters.push_back(Letter("other", "onfido", DeadReason::kGone));
  letters[3].value = std::string("\x00\xFF not JSON", 11);
  letters[4].value = "";
  letters = cluster_.Produce(dead_, letters);
  EXPECT_EQ(Sluicectl({"redrive", "--provider", "eid"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 20 letters\n");

  // The partitions to which ingest would produce the same records.
  std::map<std::string, Record> expected;
  const std::string same = cluster_.CreateUniqueTopic("same", {.partitions = 4, .configs = {}});
  for (const Record& letter : letters) {
    if (letter.key == "other") continue;
    const std::string name =
        dead_ + "-" + std::to_string(letter.partition) + "-" + std::to_string(letter.offset);
    const Record sent =
        cluster_.Produce(same, {Record{.key = letter.key, .value = letter.value}}).front();
    expected[*letter.key] = {.key = letter.key,
                             .value = letter.value,
                             .headers = {{"provider", "eid"},
                                         {"schema", "1"},
                                         {"redrive", name},
                                         {"dead.redrives", "1"}},
                             .partition = sent.partition};
  }
  const std::vector<Record> redriven = cluster_.ReadAll(callbacks_);
  EXPECT_EQ(redriven.size(), expected.size());
  for (const Record& record : redriven) {
    SCOPED_TRACE(*record.key);
    EXPECT_EQ(record.value, expected[*record.key].value);
    EXPECT_EQ(record.headers, expected[*record.key].headers);
    EXPECT_EQ(record.partition, expected[*record.key].partition);
  }
}

TEST_F(DeadTest, RequiresAFilterOrAllForARedrive) {
  cluster_.Produce(dead_, {Letter("one", "eid", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"redrive"}), 2);
  EXPECT_EQ(err_,
            "sluicectl: select letters with --reason, --provider, --id, --from, --to or --all\n");
  EXPECT_THAT(Keys(cluster_.ReadAll(callbacks_)), IsEmpty());
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_THAT(Keys(cluster_.ReadAll(callbacks_)), ElementsAre("one"));
}

TEST_F(DeadTest, SkipsRedrivenLettersUnlessAgainIsGiven) {
  cluster_.Produce(dead_, {Letter("one", "eid", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 1 letter\n");
  cluster_.Produce(dead_, {Letter("two", "eid", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"redrive", "--all", "--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("  two\nwould redrive 1 letter; skipped 1, redriven before\n"),
                          Not(HasSubstr("  one\n"))));
  EXPECT_EQ(Sluicectl({"redrive", "--from", "2020-01-01T00:00:00Z", "--json"}), 0) << err_;
  EXPECT_EQ(out_, R"({"dryRun":false,"complete":true,"selected":1,"redriven":1,"failed":0,)"
                  R"("redrivenBefore":1,"unsure":0,"failures":[]})"
                  "\n");
  EXPECT_THAT(Keys(cluster_.ReadAll(callbacks_)), UnorderedElementsAre("one", "two"));
  EXPECT_EQ(Sluicectl({"redrive", "--id", "one", "--again"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 1 letter\n");
  EXPECT_THAT(Keys(cluster_.ReadAll(callbacks_)), UnorderedElementsAre("one", "one", "two"));
  EXPECT_EQ(err_, "");
}

TEST_F(DeadTest, ListsWhereLettersWereRedrivenTo) {
  cluster_.Produce(dead_, {Letter("one", "eid", DeadReason::kGone)});
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  cluster_.Produce(dead_, {Letter("two", "eid", DeadReason::kGone)});
  const Record redriven = cluster_.ReadAll(callbacks_).at(0);
  const std::string place =
      std::to_string(redriven.partition) + ":" + std::to_string(redriven.offset);
  EXPECT_EQ(Sluicectl({"list"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(testing::ContainsRegex("  " + callbacks_ + " " + place + " +one\n"),
                          HasSubstr("  -                     two\n")));
  EXPECT_EQ(Sluicectl({"list", "--json"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr(R"("redriven":{"topic":")" + callbacks_ + R"(","partition":)"),
                          HasSubstr(R"("redriven":null})")));
  EXPECT_EQ(Sluicectl({"list", "--no-redriven"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("  0         one\n"), Not(HasSubstr(callbacks_))));
}

TEST_F(DeadTest, SkipsLettersWhoseRedriveDiedAgain) {
  Record first = Letter("one", "eid", DeadReason::kGone);
  first.partition = 0;
  Record second = first;
  second.headers.push_back({"redrive", dead_ + "-0-0"});
  second.headers.push_back({"dead.redrives", "1"});
  cluster_.Produce(dead_, {first, second});
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove 1 letter; skipped 1, redriven before\n");
  const std::vector<Record> callbacks = cluster_.ReadAll(callbacks_);
  ASSERT_EQ(callbacks.size(), 1U);
  EXPECT_EQ(LastHeader(callbacks[0].headers, "redrive"), dead_ + "-0-1");
  EXPECT_EQ(LastHeader(callbacks[0].headers, "dead.redrives"), "2");
  EXPECT_EQ(Sluicectl({"list"}), 0) << err_;
  EXPECT_THAT(out_,
              AllOf(testing::ContainsRegex("  " + dead_ + " 0:1 +one\n"), HasSubstr(callbacks_)));
}

TEST_F(DeadTest, WarnsIfTheRecordOfARedriveMayHaveExpired) {
  // With retention by size, records of any age may expire.
  UseCallbacks(
      {.partitions = 4, .configs = {{"retention.ms", "-1"}, {"retention.bytes", "1000000000"}}});
  const std::int64_t now = common::WallNow().time_since_epoch().count();
  Record old = Letter("old", "eid", DeadReason::kGone);
  old.timestamp_ms = now - 3 * kHourMs;
  cluster_.Produce(dead_, {old, Letter("new", "eid", DeadReason::kGone)});
  cluster_.Produce(callbacks_,
                   {{.value = "expired", .timestamp_ms = now - 4 * kHourMs, .partition = 2},
                    {.value = "kept", .timestamp_ms = now - 2 * kHourMs, .partition = 2}});
  DeleteRecordsBefore(callbacks_, 2, 1);
  EXPECT_EQ(Sluicectl({"redrive", "--all", "--dry-run"}), 0);
  EXPECT_THAT(out_, HasSubstr("would redrive 2 letters\n"));
  const auto time = [](std::int64_t ms) {
    return common::FormatRfc3339(common::WallTime(milliseconds(ms)));
  };
  EXPECT_EQ(err_, "warning: 1 letter died before " + time(now - 2 * kHourMs) +
                      ", the start of the kept callbacks: one that was redriven before that is "
                      "published again\n");
  EXPECT_EQ(Sluicectl({"list"}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("  ?                     old\n"),
                          HasSubstr("  -                     new\n")));
  // Every redrive since then is still on the topic.
  EXPECT_EQ(Sluicectl({"redrive", "--from", time(now - kHourMs / 2), "--dry-run"}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(DeadTest, DoesNotWarnOfLettersYoungerThanExpiredCallbacks) {
  Record letter = Letter("one", "eid", DeadReason::kGone);
  letter.timestamp_ms = common::WallNow().time_since_epoch().count() - kHourMs;
  cluster_.Produce(dead_, {letter});
  // A quiet partition: all its records were older than the topic's retention.
  cluster_.Produce(callbacks_, {{.value = "expired", .partition = 2}});
  DeleteRecordsBefore(callbacks_, 2, 1);
  EXPECT_EQ(Sluicectl({"redrive", "--all", "--dry-run"}), 0);
  EXPECT_THAT(out_, HasSubstr("would redrive 1 letter\n"));
  EXPECT_EQ(err_, "");
}

TEST_F(DeadTest, LimitsTheRedriveRate) {
  std::vector<Record> letters;
  for (int i = 0; i < 6; ++i) {
    letters.push_back(Letter(std::to_string(i), "eid", DeadReason::kGone));
  }
  cluster_.Produce(dead_, letters);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Sluicectl({"redrive", "--all", "--rate", "10"}), 0) << err_;
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(500));
  EXPECT_EQ(cluster_.ReadAll(callbacks_).size(), 6U);
}

TEST_F(DeadTest, ResumesAnInterruptedRedrive) {
  std::vector<Record> letters;
  for (int i = 0; i < 100; ++i) {
    letters.push_back(Letter(std::to_string(i), "eid", DeadReason::kGone));
  }
  cluster_.Produce(dead_, letters);
  tests::Process redrive(tests::Binary("sluicectl"),
                         {"dead", "redrive", "--all", "--rate", "1", "--config", config_});
  const bool has_begun =
      tests::WaitUntil([&] { return !cluster_.ReadAll(callbacks_).empty(); }, seconds(30));
  ASSERT_TRUE(has_begun) << redrive.Describe();
  redrive.Signal(SIGINT);
  EXPECT_EQ(redrive.WaitForExit(seconds(30)), 1) << redrive.Describe();
  const std::size_t count = cluster_.ReadAll(callbacks_).size();
  EXPECT_LT(count, 100U);
  EXPECT_THAT(redrive.StandardOutput(), HasSubstr("redrove " + std::to_string(count) + " letter"));
  EXPECT_THAT(redrive.StandardError(),
              HasSubstr("interrupted: repeat the command to redrive the rest"));

  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 0) << err_;
  EXPECT_EQ(out_, "redrove " + std::to_string(100 - count) + " letters; skipped " +
                      std::to_string(count) + ", redriven before\n");
  EXPECT_EQ(cluster_.ReadAll(callbacks_).size(), 100U);
}

TEST_F(DeadTest, FailsIfTheTopicDoesNotExist) {
  dead_ += ".none";
  WriteConfig();
  EXPECT_EQ(Sluicectl({"list"}), 1);
  EXPECT_EQ(err_, "sluicectl: there is no topic " + dead_ + "\n");
  callbacks_ += ".none";
  WriteConfig();
  EXPECT_EQ(Sluicectl({"redrive", "--all"}), 1);
  EXPECT_EQ(err_, "sluicectl: there is no topic " + callbacks_ + "\n");
}

}  // namespace
}  // namespace ctl
