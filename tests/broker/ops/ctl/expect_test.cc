#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "common/domain/key_partition.h"
#include "ops/ctl/run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Expect : public testing::Test {
 protected:
  Expect() : cluster_(tests::Broker::Shared().bootstrap()) {
    cluster_.CreateTopic(callbacks_, {.partitions = 3});
  }

  int Sluicectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "expect");
    arguments.insert(arguments.end(), {"--config", config_});
    std::ostringstream out;
    std::ostringstream err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  void CreateTopic(int partitions = 3) { cluster_.CreateTopic(topic_, {.partitions = partitions}); }

  tests::TempDirectory directory_;
  std::string callbacks_ = tests::UniqueName("expect");
  std::string topic_ = callbacks_ + ".expected";
  std::string config_ = directory_.Write(
      "consumer.yaml", "kafka: { bootstrap.servers: \"" + tests::Broker::Shared().bootstrap() +
                           "\" }\ntopics: { callbacks: " + callbacks_ + " }\n");
  std::string out_;
  std::string err_;
  tests::KafkaClient cluster_;
};

TEST_F(Expect, AnnouncesAndForgetsAProcess) {
  CreateTopic();
  ASSERT_EQ(Sluicectl({"--dossier", "d", "--process", " P-1 ", "--provider", "ONFIDO", "--within",
                       "90m"}),
            0)
      << err_;
  const std::int32_t partition = common::PartitionOf("P-1", 3).number();
  EXPECT_EQ(out_, "announced   process P-1  dossier d  onfido  within 90m  at " +
                      std::to_string(partition) + ":0\n");
  ASSERT_EQ(Sluicectl({"--forget", "--process", "P-1", "--json"}), 0) << err_;
  EXPECT_EQ(out_,
            "[\n"
            R"({"what":"forgotten","processId":"P-1","partition":)" +
                std::to_string(partition) + R"(,"offset":1})" + "\n]\n");

  const auto records = cluster_.ReadAll(topic_);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].partition, partition);
  EXPECT_EQ(records[0].key, "P-1");
  EXPECT_EQ(records[0].value,
            R"({"dossierId":"d","processId":"P-1","provider":"onfido","within":"90m"})");
  EXPECT_EQ(records[1].key, "P-1");
  EXPECT_EQ(records[1].value, std::nullopt);
}

TEST_F(Expect, ChecksAFileWholeBeforeItWritesAny) {
  CreateTopic();
  std::string lines;
  for (int i = 0; i < 2500; ++i) {
    lines += R"({"dossierId":"d","processId":"p)" + std::to_string(i) + R"(","provider":"paper"})" +
             "\n";
  }
  const std::string wrong = directory_.Write("wrong", lines + "{}\n");
  EXPECT_EQ(Sluicectl({"--file", wrong}), 2);
  EXPECT_THAT(
      err_, AllOf(HasSubstr("line 2501: dossierId is missing"), HasSubstr("nothing was written")));
  EXPECT_EQ(cluster_.ReadAll(topic_).size(), 0U);

  const std::string right = directory_.Write("right", lines);
  EXPECT_EQ(Sluicectl({"--file", right}), 0) << err_;
  EXPECT_EQ(std::ranges::count(out_, '\n'), 2500);
  EXPECT_EQ(cluster_.ReadAll(topic_).size(), 2500U);
  EXPECT_EQ(Sluicectl({"--forget", "--file", right}), 0) << err_;
  EXPECT_EQ(cluster_.ReadAll(topic_).size(), 5000U);
}

TEST_F(Expect, WritesNothingWhereNobodyWouldFindIt) {
  const std::vector<std::string> one = {"--dossier", "d", "--process", "p", "--provider", "onfido"};
  EXPECT_EQ(Sluicectl(one), 1);
  EXPECT_THAT(err_, HasSubstr(topic_ + " does not exist"));
  CreateTopic(2);
  EXPECT_EQ(Sluicectl(one), 1);
  EXPECT_THAT(err_, HasSubstr(topic_ + " has 2 partitions, but " + callbacks_ + " has 3"));
  EXPECT_EQ(cluster_.ReadAll(topic_).size(), 0U);
}

}  // namespace
}  // namespace ctl
