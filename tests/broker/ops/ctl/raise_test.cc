#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/domain/copied_record.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/kafka/committed_offsets.h"
#include "ops/ctl/run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

/// Topics with two partitions, forty handled callbacks, and a group that has passed them.
class Raise : public testing::Test {
 protected:
  Raise() : prefix_(tests::UniqueName("raise")), kafka_(tests::Broker::Shared().bootstrap()) {
    config_ = directory_.Write(
        "consumer.yaml", "kafka: { bootstrap.servers: \"" + tests::Broker::Shared().bootstrap() +
                             "\" }\ngroup: " + prefix_ + "\ntopics: { callbacks: " + Name("c") +
                             ", seen: " + Name("s") + ", processes: " + Name("p") +
                             ", dead: " + Name("d") + " }\n");
    EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "2"}), 0) << err_;
    std::vector<tests::Record> callbacks;
    std::vector<tests::Record> announcements;
    for (int i = 0; i < 40; ++i) {
      callbacks.push_back({.key = Key(i), .value = "{}"});
      MarkCallback(i, Hashed(i));
    }
    kafka_.Produce(Name("c"), std::move(callbacks));
    announcements.push_back({.key = Key(1), .value = "{}"});
    announcements.push_back({.key = Key(2), .value = std::nullopt});
    kafka_.Produce(Name("c.expected"), std::move(announcements));
    CommitEnds();
  }

  [[nodiscard]] std::string Name(const std::string& topic) const { return prefix_ + "." + topic; }
  static std::string Key(int number) { return "process-" + std::to_string(number); }
  static common::RecordHeaders Hashed(int number) {
    return {{"outcome", "published"},
            {"key-hash", common::ToHashText(common::Murmur2(Key(number)))}};
  }
  static std::string IdentityOf(int number) {
    std::string identity(16, 'x');
    identity[0] = static_cast<char>('A' + number % 26);
    identity[1] = static_cast<char>('A' + number / 26);
    return identity;
  }
  void MarkCallback(int number, common::RecordHeaders headers) {
    kafka_.Produce(Name("s"), {{.key = IdentityOf(number),
                                .value = "",
                                .headers = std::move(headers),
                                .partition = common::PartitionOf(Key(number), 2).number()}});
  }
  /// Commits the ends of the two partitions, made for `partitions`.
  void CommitEnds(int partitions = 2) {
    std::map<common::Partition, common::kafka::CommittedOffset> offsets;
    for (const tests::Record& record : kafka_.ReadAll(Name("c"))) {
      auto& committed = offsets[common::Partition(record.partition)];
      committed.offset = std::max(committed.offset, common::Offset(record.offset) + 1);
    }
    for (auto& [partition, committed] : offsets) {
      committed.metadata = {
          .partitions = partitions, .instance = "a-0", .transaction = ToText(partition)};
    }
    const auto client = tests::MakeHandle(RD_KAFKA_CONSUMER, tests::Broker::Shared().bootstrap(),
                                          {{"group.id", prefix_}});
    tests::Persist("commit", [&](int) {
      return common::kafka::CommitOffsets(client.get(), Name("c"), offsets,
                                          common::Deadline::After(seconds(5)));
    });
  }
  std::map<common::Partition, common::kafka::CommittedOffset> Committed(int partitions) {
    const auto client = tests::MakeHandle(RD_KAFKA_CONSUMER, tests::Broker::Shared().bootstrap(),
                                          {{"group.id", prefix_}});
    return common::kafka::LookUpCommitted(client.get(), Name("c"),
                                          common::AllPartitions(partitions),
                                          common::Deadline::After(seconds(20)))
        .found;
  }
  /// The partitions in which there is a marker of each callback.
  std::map<std::string, std::multiset<std::int32_t>> Marked() {
    std::map<std::string, std::multiset<std::int32_t>> marked;
    for (const tests::Record& record : kafka_.ReadAll(Name("s"))) {
      marked[record.key.value_or("")].insert(record.partition);
    }
    return marked;
  }
  int PartitionsOf(const std::string& topic) {
    return kafka_.DescribeTopic(Name(topic))->partitions;
  }

  int Sluicectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", config_});
    std::ostringstream out;
    std::ostringstream err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  int RaiseTo(int partitions, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"topics", "raise", "--partitions", std::to_string(partitions)});
    return Sluicectl(std::move(more));
  }

  tests::TempDirectory directory_;
  std::string prefix_;
  std::string config_;
  std::string out_;
  std::string err_;
  tests::KafkaClient kafka_;
};

TEST_F(Raise, CopiesEachMarkerToThePlaceOfItsKey) {
  const auto times_of = [](const std::vector<tests::Record>& records) {
    std::map<std::string, std::set<std::int64_t>> times;
    for (const auto& record : records) times[record.key.value_or("")].insert(record.timestamp_ms);
    return times;
  };
  const auto before = times_of(kafka_.ReadAll(Name("s")));
  ASSERT_EQ(RaiseTo(5), 0) << out_ << err_;
  for (const char* const topic : {"c", "s", "p", "c.expected"}) EXPECT_EQ(PartitionsOf(topic), 5);
  EXPECT_EQ(PartitionsOf("d"), 6);
  const auto marked = Marked();
  for (int i = 0; i < 40; ++i) {
    const std::int32_t old_place = common::PartitionOf(Key(i), 2).number();
    const std::int32_t place = common::PartitionOf(Key(i), 5).number();
    std::multiset<std::int32_t> expected{old_place};
    if (place != old_place) expected.insert(place);
    EXPECT_EQ(marked.at(IdentityOf(i)), expected) << i;
  }
  EXPECT_EQ(times_of(kafka_.ReadAll(Name("s"))), before) << "a copy has its original's time";
  for (const tests::Record& record : kafka_.ReadAll(Name("s"))) {
    EXPECT_EQ(record.value, "");
    const bool is_copy = common::LastHeader(record.headers, "copied-from").has_value();
    EXPECT_EQ(common::LastHeader(record.headers, "record-time").has_value(), is_copy);
  }

  const auto committed = Committed(5);
  ASSERT_EQ(committed.size(), 5U);
  for (const auto& [partition, offset] : committed) {
    EXPECT_EQ(offset.metadata.partitions, 5) << partition;
    const bool is_new = partition.number() >= 2;
    EXPECT_EQ(offset.offset == common::Offset(0), is_new) << partition;
    EXPECT_EQ(offset.metadata.transaction, is_new ? "" : ToText(partition));
  }
  EXPECT_EQ(RaiseTo(5), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("all topics have 5 partitions already"));
}

TEST_F(Raise, CopiesAnnouncementsWithTheirTime) {
  std::map<std::string, std::int64_t> announced;
  for (const auto& record : kafka_.ReadAll(Name("c.expected"))) {
    announced[record.key.value_or("")] = record.timestamp_ms;
  }
  // Another place than before for both keys.
  int partitions = 3;
  while (common::PartitionOf(Key(1), partitions) == common::PartitionOf(Key(1), 2) ||
         common::PartitionOf(Key(2), partitions) == common::PartitionOf(Key(2), 2)) {
    ++partitions;
  }
  ASSERT_EQ(RaiseTo(partitions), 0) << out_ << err_;
  int copies = 0;
  for (const auto& record : kafka_.ReadAll(Name("c.expected"))) {
    const auto at = common::LastHeader(record.headers, common::kAnnouncedAtHeader);
    if (!at) continue;
    ++copies;
    const std::string key = record.key.value_or("");
    EXPECT_EQ(common::Partition(record.partition), common::PartitionOf(key, partitions));
    EXPECT_EQ(common::ParseRfc3339(*at)->time_since_epoch().count(), announced.at(key));
    EXPECT_EQ(record.value.has_value(), key == Key(1)) << "null stays null";
  }
  EXPECT_EQ(copies, 2);
}

TEST_F(Raise, GoesOnWhereItWasInterrupted) {
  // As if it had ended after some copies, when callbacks had its partitions, before the commit.
  for (const char* const topic : {"s", "p", "c.expected"}) kafka_.AddPartitions(Name(topic), 5);
  int copied = 0;
  for (const tests::Record& record : kafka_.ReadAll(Name("s"))) {
    const int number = (*record.key)[0] - 'A' + 26 * ((*record.key)[1] - 'A');
    const std::int32_t place = common::PartitionOf(Key(number), 5).number();
    if (place == record.partition || ++copied > 7) continue;
    common::RecordHeaders headers = record.headers;
    headers.push_back(
        {"copied-from", common::ToText(common::CopyOrigin{common::Partition(record.partition),
                                                          common::Offset(record.offset), 5})});
    kafka_.Produce(Name("s"), {{.key = record.key,
                                .value = "",
                                .headers = headers,
                                .timestamp_ms = record.timestamp_ms,
                                .partition = place}});
  }
  kafka_.AddPartitions(Name("c"), 5);
  // ingest has gone on.
  for (const int number : {100, 101}) {
    kafka_.Produce(Name("c"), {{.key = Key(number),
                                .value = "{}",
                                .partition = common::PartitionOf(Key(number), 5).number()}});
  }
  ASSERT_EQ(RaiseTo(5), 0) << out_ << err_;
  for (const auto& [identity, places] : Marked()) {
    EXPECT_EQ(places.size(), std::set(places.begin(), places.end()).size()) << "copied twice";
  }
  EXPECT_EQ(Marked().size(), 40U);
  EXPECT_EQ(Committed(5).at(common::Partition(0)).metadata.partitions, 5);
}

TEST_F(Raise, CopiesMarkersWrittenAfterInterruption) {
  // As if it had ended after the copies; then consumer has gone on with the old number.
  for (const char* const topic : {"s", "p"}) kafka_.AddPartitions(Name(topic), 5);
  int number = 60;
  while (common::PartitionOf(Key(number), 5) < common::Partition(2)) ++number;
  MarkCallback(number, Hashed(number));
  kafka_.Produce(Name("c"), {{.key = Key(number), .value = "{}"}});
  EXPECT_EQ(RaiseTo(5), 3) << "it waits";
  CommitEnds();
  ASSERT_EQ(RaiseTo(5), 0) << out_ << err_;
  EXPECT_EQ(Marked().at(IdentityOf(number)),
            (std::multiset<std::int32_t>{common::PartitionOf(Key(number), 2).number(),
                                         common::PartitionOf(Key(number), 5).number()}));
}

TEST_F(Raise, ChangesNothingInADryRun) {
  EXPECT_EQ(RaiseTo(5, {"--dry-run"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("would be raised from 2 to 5 partitions"));
  EXPECT_THAT(out_, HasSubstr("40 markers since "));
  for (const char* const topic : {"c", "s", "p", "c.expected"}) EXPECT_EQ(PartitionsOf(topic), 2);
  EXPECT_EQ(kafka_.ReadAll(Name("s")).size(), 40U);
  EXPECT_EQ(Committed(2).at(common::Partition(0)).metadata.partitions, 2);
}

TEST_F(Raise, RefusesWhileCallbacksWait) {
  kafka_.Produce(Name("c"), {{.key = Key(99), .value = "{}"}});
  EXPECT_EQ(RaiseTo(5), 3);
  EXPECT_THAT(err_, HasSubstr("refused: 1 callbacks are not handled yet"));
  EXPECT_EQ(PartitionsOf("s"), 2);
}

TEST_F(Raise, RefusesMarkersThatDoNotSayWhereTheyBelong) {
  MarkCallback(50, {{"outcome", "published"}});
  EXPECT_EQ(RaiseTo(5), 3);
  EXPECT_THAT(err_, HasSubstr("refused: 1 markers do not say where they belong"));
  EXPECT_EQ(PartitionsOf("s"), 2);
  EXPECT_EQ(RaiseTo(5, {"--forget-old"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1 markers do not say where they belong"));
  EXPECT_EQ(PartitionsOf("c"), 5);
}

TEST_F(Raise, RefusesWhileMisplacedCallbacksWait) {
  kafka_.AddPartitions(Name("c"), 5);
  int misplaced = 200;
  while (common::PartitionOf(Key(misplaced), 5) == common::Partition(0)) ++misplaced;
  kafka_.Produce(Name("c"), {{.key = Key(misplaced), .value = "{}", .partition = 0}});
  EXPECT_EQ(RaiseTo(5), 3);
  EXPECT_THAT(err_, HasSubstr("1 callbacks wait in partitions that the new number does not give"));
  EXPECT_EQ(RaiseTo(5, {"--forget-old"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1 callbacks wait in their old places"));
}

TEST_F(Raise, RefusesFewerPartitions) {
  EXPECT_EQ(RaiseTo(1), 2);
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(ctl::Run({"topics", "raise", "--partitions=5", "--bootstrap",
                      tests::Broker::Shared().bootstrap()},
                     out, err),
            2);
  EXPECT_THAT(err.str(), HasSubstr("--config is missing"));
  EXPECT_THAT(err_, HasSubstr("Kafka cannot remove any"));
  EXPECT_EQ(Sluicectl({"topics", "raise"}), 2);
}

}  // namespace
}  // namespace ctl
