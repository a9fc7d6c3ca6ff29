#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

#include "ops/ctl/run.h"
#include "tests/component/common/kafka/mock_cluster.h"
#include "tests/harness/process.h"

namespace ctl {
namespace {

using common::kafka::MockCluster;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

TEST(DeadWithoutABroker, CannotBeListed) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(ctl::Run({"dead", "list", "--bootstrap", "127.0.0.1:9"}, out, err), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), AllOf(HasSubstr("callbacks.dead: no broker answers at 127.0.0.1:9"),
                               HasSubstr("Connection refused")));
}

void ProduceLetters(const MockCluster& cluster, int count) {
  const common::kafka::Properties properties = cluster.properties();
  const common::kafka::Handle producer =
      *common::kafka::NewProducer(*common::kafka::BuildConf({&properties}));
  for (int i = 0; i < count; ++i) {
    std::string text = "letter-" + std::to_string(i);
    ASSERT_EQ(rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC("callbacks.dead"),
                                RD_KAFKA_V_KEY(text.data(), text.size()),
                                RD_KAFKA_V_VALUE(text.data(), text.size()),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  ASSERT_EQ(rd_kafka_flush(producer.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

// The grace after the limit is shorter than Kafka's delivery timeout.
TEST(DeadOnASlowBroker, ReportsARedriveThatItsTimeLimitEnds) {
  MockCluster cluster;
  cluster.CreateTopic("callbacks", 2);
  cluster.CreateTopic("callbacks.dead", 1);
  ProduceLetters(cluster, 3);
  cluster.Delay(MockCluster::kProduce, 100, seconds(100));
  const auto run = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"dead", "redrive", "--all", "--bootstrap", cluster.bootstrap(), "--timeout", "10s"},
      seconds(60));
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.output, "redrove 0 letters\n");
  EXPECT_THAT(run.error_output, AllOf(HasSubstr("sluicectl: not done within 10s\n"),
                                      HasSubstr("not redriven, or not confirmed: 0:0: "),
                                      HasSubstr("not redriven, or not confirmed: 0:2: "),
                                      HasSubstr("repeat the command to redrive the rest\n")));
}

}  // namespace
}  // namespace ctl
