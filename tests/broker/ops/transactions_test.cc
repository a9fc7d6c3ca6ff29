// Visibility of transactions. Needs a real broker: librdkafka's mock cluster ignores the isolation
// level.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"

namespace tests {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

class Transactions : public testing::Test {
 protected:
  std::vector<std::string> Arguments(const std::string& value, const std::string& mode) const {
    return {bootstrap_, topic_, transactional_id_, value, mode};
  }

  const std::string bootstrap_ = Broker::Shared().bootstrap();
  KafkaClient kafka_{bootstrap_};
  const std::string topic_ = kafka_.CreateUniqueTopic("transactions");
  const std::string transactional_id_ = UniqueName("writer");
  const std::string writer_ = TRANSACTION_WRITER;
};

TEST_F(Transactions, HideUncommittedRecordsOfAKilledProducerFromReadCommitted) {
  Process killed(writer_, Arguments("lost", "open"));
  ASSERT_TRUE(killed.WaitForOutput("produced", 30s)) << killed.Describe();
  killed.Kill();

  EXPECT_THAT(Values(kafka_.ReadAll(topic_, Isolation::kReadUncommitted)), ElementsAre("lost"));
  EXPECT_THAT(Values(kafka_.ReadAll(topic_, Isolation::kReadCommitted)), IsEmpty());
  EXPECT_EQ(kafka_.HighWatermark(topic_, 0), 1);
  EXPECT_EQ(kafka_.LastStableOffset(topic_, 0), 0);
}

TEST_F(Transactions, AreAbortedByTheSuccessorOfAKilledProducer) {
  Process killed(writer_, Arguments("lost", "open"));
  ASSERT_TRUE(killed.WaitForOutput("produced", 30s)) << killed.Describe();
  killed.Kill();

  const auto successor = RunProgram(writer_, Arguments("kept", "commit"), 30s);
  ASSERT_EQ(successor.status, 0) << successor.error_output;

  EXPECT_THAT(Values(kafka_.ReadSettled(topic_)), ElementsAre("kept"));
  EXPECT_THAT(Values(kafka_.ReadAll(topic_, Isolation::kReadUncommitted)),
              ElementsAre("lost", "kept"));
  // Two records, each followed by its transaction's marker.
  EXPECT_EQ(kafka_.HighWatermark(topic_, 0), 4);
  EXPECT_EQ(kafka_.LastStableOffset(topic_, 0), 4);
}

}  // namespace
}  // namespace tests
