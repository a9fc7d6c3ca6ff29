#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ops/ctl/run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Runs sluicectl with a configuration that names topics of this test alone.
class Topics : public testing::Test {
 protected:
  Topics() : prefix_(tests::UniqueName("ctl")), cluster_(tests::Broker::Shared().bootstrap()) {
    config_ = directory_.Write(
        "consumer.yaml", "kafka: { bootstrap.servers: \"" + tests::Broker::Shared().bootstrap() +
                             "\" }\ntopics: { callbacks: " + Name("c") + ", seen: " + Name("s") +
                             ", processes: " + Name("p") + ", dead: " + Name("d") + " }\n");
  }

  [[nodiscard]] std::string Name(const std::string& topic) const { return prefix_ + "." + topic; }

  int Sluicectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", config_});
    std::ostringstream out;
    std::ostringstream err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }

  tests::TempDirectory directory_;
  std::string prefix_;
  std::string config_;
  std::string out_;
  std::string err_;
  tests::KafkaClient cluster_;
};

TEST_F(Topics, AreMissingUntilTheyAreCreated) {
  EXPECT_EQ(Sluicectl({"topics", "check"}), 3);
  EXPECT_THAT(err_, HasSubstr("differs: " + Name("p") + " does not exist"));
  EXPECT_EQ(Sluicectl({"topics", "create"}), 0) << out_ << err_;
  EXPECT_THAT(
      err_, AllOf(HasSubstr("warning: " + Name("c") + " has one copy"), Not(HasSubstr("differs"))));
  EXPECT_EQ(cluster_.DescribeTopic(Name("c"))->partitions, 12);
  EXPECT_EQ(cluster_.DescribeTopic(Name("d"))->partitions, 6);
  EXPECT_EQ(cluster_.DescribeTopic(Name("s"))->replication, 1);
  EXPECT_EQ(cluster_.DescribeTopic(Name("c.expected"))->partitions, 12);
  EXPECT_EQ(Sluicectl({"topics", "check"}), 0) << out_ << err_;
  EXPECT_EQ(Sluicectl({"topics", "create"}), 0) << out_ << err_;
}

TEST_F(Topics, HaveTheRequestedPartitions) {
  EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "3", "--replication=1"}), 0);
  EXPECT_EQ(cluster_.DescribeTopic(Name("p"))->partitions, 3);
  EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "4"}), 3);
  EXPECT_THAT(err_, HasSubstr("differs: " + Name("p") + " exists with partitions 3, not 4"));
  EXPECT_EQ(cluster_.DescribeTopic(Name("p"))->partitions, 3);
}

TEST_F(Topics, CopyThePartitionCountOfExistingCallbacks) {
  cluster_.CreateTopic(Name("c"), {.partitions = 2, .configs = {}});
  // The existing topic has CreateTime timestamps, which sluicectl must report.
  EXPECT_EQ(Sluicectl({"topics", "create"}), 3);
  EXPECT_EQ(cluster_.DescribeTopic(Name("s"))->partitions, 2);
  EXPECT_THAT(err_, HasSubstr("message.timestamp.type=CreateTime"));
}

TEST_F(Topics, OfAnEarlierReleaseAreRemarkedOn) {
  EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "1"}), 0) << out_ << err_;
  EXPECT_THAT(err_, Not(HasSubstr("remark:")));
  cluster_.DeleteTopic(Name("d"));
  cluster_.CreateTopic(Name("d"), {.partitions = 1,
                                   .configs = {{"message.timestamp.type", "LogAppendTime"},
                                               {"max.message.bytes", "12582912"},
                                               {"retention.ms", "7776000000"},
                                               {"segment.ms", "604800000"}}});
  EXPECT_EQ(Sluicectl({"topics", "check"}), 0) << out_ << err_;
  EXPECT_THAT(err_, AllOf(HasSubstr("remark: " + Name("d") + " keeps records for 90d0h"),
                          HasSubstr("remark: " + Name("d") + " fills each segment for 7d0h")));
  EXPECT_EQ(Sluicectl({"topics", "check", "--json"}), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr(R"("remarks":[)"));
}

TEST_F(Topics, AreComparedWithEachOther) {
  EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "3"}), 0);
  cluster_.DeleteTopic(Name("s"));
  cluster_.CreateTopic(Name("s"), {.partitions = 2, .configs = {{"cleanup.policy", "compact"}}});
  EXPECT_EQ(Sluicectl({"topics", "check", "--json"}), 3);
  EXPECT_THAT(out_, AllOf(HasSubstr(R"("ok":false)"), HasSubstr(R"("fault":"partitions")"),
                          HasSubstr(R"("fault":"compacted")"), HasSubstr(R"("refused":true)")));
}

TEST_F(Topics, LackAnnouncementTopicAfterAnEarlierRelease) {
  EXPECT_EQ(Sluicectl({"topics", "create", "--partitions", "3"}), 0) << out_ << err_;
  cluster_.DeleteTopic(Name("c.expected"));
  EXPECT_EQ(Sluicectl({"topics", "check"}), 3);
  EXPECT_THAT(err_, HasSubstr("differs: " + Name("c.expected") + " does not exist"));
  EXPECT_EQ(Sluicectl({"topics", "create"}), 0) << out_ << err_;
  EXPECT_EQ(cluster_.DescribeTopic(Name("c.expected"))->partitions, 3);
}

TEST_F(Topics, CannotHaveMoreReplicasThanBrokers) {
  EXPECT_EQ(Sluicectl({"topics", "create", "--replication", "3"}), 1);
  EXPECT_THAT(err_, HasSubstr("differs: " + Name("c") + " was not created: "));
}

}  // namespace
}  // namespace ctl
