#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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
  std::string Place(consumer::Partition partition) {
    return bench.topics().processes + ":" + std::to_string(partition);
  }

  tests::TempDirectory directory_;
  std::string config_;
  std::string out_;
  std::string err_;
};

TEST_F(Transactions, AreEndedByTheEvidenceOfTwinsAndOffsets) {
  const consumer::Partition place = Expendable("a");
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
  const auto results = bench.kafka().ReadAll(bench.topics().processes);
  EXPECT_THAT(tests::Keys(results), ElementsAre("p1")) << "once";
  EXPECT_EQ(common::LastHeader(results.at(0).headers, "repaired"),
            bench.topics().processes + "-" + std::to_string(place) + "-0");
  EXPECT_EQ(Sluicectl({"transactions", "end", Place(place)}), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("nothing is open"));
  EXPECT_EQ(Sluicectl({"transactions"}), 0) << out_ << err_;
}

TEST_F(Transactions, AreNotEndedWithoutEvidence) {
  const consumer::Partition place = Expendable("a");
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
