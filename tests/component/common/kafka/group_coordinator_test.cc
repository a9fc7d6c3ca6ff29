#include "common/kafka/group_coordinator.h"

#include <gtest/gtest.h>

#include <string>

#include "common/kafka/partition_offsets.h"
#include "tests/component/common/kafka/mock_cluster.h"
#include "tests/support/wait_until.h"

namespace common::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kCoordinator = 2;

bool Answers(rd_kafka_t* client) {
  const rd_kafka_metadata_t* found = nullptr;
  const auto failed = rd_kafka_metadata(client, 0, nullptr, &found, 1000);
  const Metadata owned(found);
  return failed == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool KnowsCommittedOffsets(rd_kafka_t* client) {
  const PartitionList list = ListOf("t", OffsetQueries{{Partition(0), RD_KAFKA_OFFSET_INVALID}});
  return rd_kafka_committed(client, list.get(), 1000) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

// librdkafka up to 2.14.1 reads freed memory when the coordinator connects after a request that
// waited for it has timed out (its issues 3663 and 4605); an assertion of its own then ends the
// process.
TEST(GroupCoordinatorTest, OutlivesACoordinatorThatConnectsAfterTheDeadline) {
  MockCluster cluster(2);
  cluster.CreateTopic("t", 1);
  rd_kafka_mock_coordinator_set(cluster.get(), "group", "g", kCoordinator);
  rd_kafka_mock_broker_set_down(cluster.get(), kCoordinator);
  const Properties own = {
      {"group.id", "g"}, {"log_level", "0"}, {"reconnect.backoff.max.ms", "200"}};
  const Properties where = cluster.properties();
  const Handle client = *NewConsumer(*BuildConf({&own, &where}));
  ASSERT_TRUE(tests::WaitUntil([&] { return Answers(client.get()); }, seconds(30)));
  GroupCoordinator coordinator(client.get(), "g");
  EXPECT_FALSE(coordinator.Describe("t", Deadline::After(milliseconds(300))));
  rd_kafka_mock_broker_set_up(cluster.get(), kCoordinator);
  // Only the coordinator answers this. Many round trips, as librdkafka looks it up once more.
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(tests::WaitUntil([&] { return KnowsCommittedOffsets(client.get()); }, seconds(30)));
    ASSERT_TRUE(Answers(client.get()));
  }
}

}  // namespace
}  // namespace common::kafka
