#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "ops/ctl/run.h"
#include "tests/broker/consumer/kafka/forgetful_kafka.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// Runs sluicectl on a cluster that forgets to end transactions.
class Transactions : public consumer::ForgottenTransaction {
 protected:
  Transactions() {
    // The topic of dead letters may have another number of partitions.
    bench.topics().dead =
        bench.kafka().CreateUniqueTopic("dead", {consumer::kPartitions + 2, 1, {}});
    config_ = directory_.Write(
        "consumer.yaml",
        "group: " + bench.group() + "\nkafka: { bootstrap.servers: \"" + broker->bootstrap() +
            "\" }\ntopics: { callbacks: " + bench.topics().callbacks +
            ", seen: " + bench.topics().seen + ", processes: " + bench.topics().processes +
            ", dead: " + bench.topics().dead + " }\n");
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
  std::string Place(std::int32_t partition) {
    return bench.topics().processes + ":" + std::to_string(partition);
  }

  tests::TempDirectory directory_;
  std::string config_;
  std::string out_;
  std::string err_;
};

TEST_F(Transactions, AreEndedByEvidenceFromTwinsAndOffsets) {
  const std::int32_t place = Expendable("a");
  consumer::Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(consumer::kPartitions));
  ForgetACommit("a", place, *member.source().Membership());

  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place)}), 3) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("it may belong to a living instance"));
  ASSERT_TRUE(tests::WaitUntil([&] { return Sluicectl({"transactions"}) == 3; }, seconds(90)))
      << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("committed"));
  EXPECT_EQ(Sluicectl({"transactions", "--json"}), 3);
  EXPECT_THAT(out_, HasSubstr(R"("verdict":"committed")"));
  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place), "--dry-run"}), 0) << out_ << err_;
  EXPECT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, place), 0);

  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place)}), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("was ended as committed"));
  const auto results = bench.kafka().ReadSettled(bench.topics().processes);
  EXPECT_THAT(tests::Keys(results), ElementsAre("p1")) << "published once";
  EXPECT_EQ(common::LastHeader(results.at(0).headers, "repaired"),
            bench.topics().processes + "-" + std::to_string(place) + "-0");
  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place)}), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("nothing is open"));
  EXPECT_EQ(Sluicectl({"transactions"}), 0) << out_ << err_;
}

TEST_F(Transactions, AreEndedByTheirOffsetIfOpenOnlyOnDeadLetters) {
  const std::string& dead = bench.topics().dead;
  consumer::Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(consumer::kPartitions));
  const std::set<std::int32_t> needed = {TransactionCoordinator("a"), GroupCoordinator()};
  std::int32_t place = consumer::kPartitions + 1;
  while (place > 0 && needed.contains(bench.kafka().LeaderOf(dead, place))) --place;
  ASSERT_FALSE(needed.contains(bench.kafka().LeaderOf(dead, place)));
  {
    const auto producer = bench.Producer("a");
    ASSERT_TRUE(producer->Begin());
    ASSERT_TRUE(producer->Produce({.topic = consumer::OutgoingTopic::kDead,
                                   .partition = common::Partition(place),
                                   .timestamp = std::nullopt,
                                   .key = "letter",
                                   .value = "{}",
                                   .headers = {{"dead.partition", "3"}}},
                                  0));
    ASSERT_TRUE(producer->Flush(consumer::Soon()));
    ASSERT_TRUE(producer->SendOffsets({{common::Partition(3), common::Offset(1)}},
                                      *member.source().Membership(), consumer::Soon()));
    Behead(dead, place);
    const auto ended = producer->Commit(consumer::Soon());
    ASSERT_TRUE(ended) << ended.error().detail;
    Revive(dead, place);
  }
  ASSERT_EQ(bench.kafka().LastStableOffset(dead, place), 0)
      << "this Kafka has ended the transaction";

  ASSERT_TRUE(tests::WaitUntil([&] { return Sluicectl({"transactions"}) == 3; }, seconds(90)))
      << out_ << err_;
  EXPECT_THAT(out_, HasSubstr(dead));
  EXPECT_THAT(out_, HasSubstr("committed"));
  const std::string name = dead + ":" + std::to_string(place);
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        return Sluicectl({"transactions", "end", name}) == 0;
      },
      seconds(90)))
      << out_ << err_;
  EXPECT_THAT(tests::Keys(bench.kafka().ReadSettled(dead)), ElementsAre("letter"))
      << "published once";
  EXPECT_EQ(Sluicectl({"transactions"}), 0) << out_ << err_;
}

// Such a transaction has no record on a topic of ours, and holds up the restore of the partition.
TEST_F(Transactions, AreNotWellIfAnOffsetStaysPendingForAMinute) {
  consumer::Member member(bench, "a");
  ASSERT_TRUE(member.PollUntilAssigned(consumer::kPartitions));
  const auto producer = bench.Producer("a", {{"transaction.timeout.ms", "600000"}});
  ASSERT_TRUE(producer->Begin());
  ASSERT_TRUE(producer->SendOffsets({{common::Partition(3), common::Offset(1)}},
                                    *member.source().Membership(), consumer::Soon()));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(Sluicectl({"transactions"}), 3) << out_ << err_;
  EXPECT_GE(std::chrono::steady_clock::now() - began, seconds(55));
  EXPECT_THAT(out_, HasSubstr("the offset of partition 3 is pending, for longer than"));
  ASSERT_TRUE(producer->Abort(consumer::Soon()));
  EXPECT_EQ(Sluicectl({"transactions"}), 0) << out_ << err_;
}

TEST_F(Transactions, AreNotEndedWithoutEvidence) {
  const std::int32_t place = Expendable("a");
  ForgetAnAbort("a", place);  // A result without marker and offset.
  ASSERT_TRUE(tests::WaitUntil([&] { return Sluicectl({"transactions"}) == 3; }, seconds(90)))
      << out_ << err_;
  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place)}), 3) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("there is no evidence whether it was committed"));
  EXPECT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, place), 0);
  EXPECT_EQ(Sluicectl({"transactions", "end", "callbacks:0"}), 2) << "not a topic of ours";
}

}  // namespace
}  // namespace ctl
