// How a lane reacts to the state of the topic and its group.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One look at the group after another.
class TopicViewTest : public ::testing::Test {
 protected:
  void Look(std::optional<UnreadPartitions> unread) {
    ++bench.restorer.topic.looks;
    bench.restorer.topic.unread = unread;
    bench.Pass(seconds(5));
    bench.Turn();
  }
  static UnreadPartitions Unread(bool to_tell, bool to_heal) {
    return {.count = 4, .lag = 60, .is_ours_to_tell = to_tell, .is_ours_to_heal = to_heal};
  }
  LaneBench bench;
};

TEST_F(TopicViewTest, StopsIntakeWhilePartitionCountDiffers) {
  bench.AssignAndRestore({0});
  bench.restorer.topic.change = PartitionsChange{12, 24};
  bench.Pass(seconds(1));
  bench.Turn();
  bench.Arrives(0, "p1");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_TRUE(bench.lane.is_topic_refused());
  bench.restorer.topic.change.reset();
  bench.Pass(seconds(1));
  bench.Turn();
  EXPECT_EQ(bench.fetcher.jobs.size(), 1U);
  EXPECT_FALSE(bench.lane.is_topic_refused());
  EXPECT_THAT(bench.events.changes, ElementsAre("12 to 24", "fit"));
}

TEST_F(TopicViewTest, CommitsCallbacksInHandWithOldPartitionCount) {
  bench.AssignAndRestore({0});
  bench.Arrives(0, "p1");
  bench.Turn();
  bench.kafka.partitions = 24;
  bench.restorer.topic.change = PartitionsChange{12, 24};
  bench.Pass(seconds(1));
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(1));
  EXPECT_EQ(bench.kafka.metadata.at(Partition(0)).partitions, 12);
}

TEST_F(TopicViewTest, JoinsUnderFreshNameWithoutPartitionWhileSomeAreUnread) {
  bench.AssignAndRestore({});
  Look(Unread(false, true));
  EXPECT_TRUE(bench.lane.is_unassigned());
  EXPECT_EQ(bench.source.renewals, 0) << "one look may be older than the assignment";
  Look(Unread(false, true));
  EXPECT_EQ(bench.source.fresh_names, 1);
  EXPECT_THAT(bench.events.renewals, ElementsAre("partitions have no reader"));
  EXPECT_THAT(bench.events.unread, ElementsAre(4U)) << "told once";
}

TEST_F(TopicViewTest, LeavesUnreadPartitionsToAnotherMember) {
  bench.AssignAndRestore({});
  for (int look = 0; look < 5; ++look) Look(Unread(true, false));
  EXPECT_EQ(bench.source.renewals, 0);
  EXPECT_FALSE(bench.lane.is_unassigned());
}

TEST_F(TopicViewTest, StaysIfItHasAPartition) {
  bench.AssignAndRestore({0});
  for (int look = 0; look < 5; ++look) Look(Unread(true, true));
  EXPECT_EQ(bench.source.renewals, 0);
}

TEST_F(TopicViewTest, StaysIfEveryPartitionHasAReader) {
  bench.AssignAndRestore({});
  for (int look = 0; look < 5; ++look) {
    Look(UnreadPartitions{.is_ours_to_tell = true, .is_ours_to_heal = true});
  }
  EXPECT_EQ(bench.source.renewals, 0);
}

TEST_F(TopicViewTest, RestartsCountAfterLookThatFoundReaders) {
  bench.AssignAndRestore({});
  Look(Unread(false, true));
  Look(UnreadPartitions{.is_ours_to_heal = true});
  Look(Unread(false, true));
  EXPECT_EQ(bench.source.renewals, 0);
}

TEST_F(TopicViewTest, CountsLagOfUnreadPartitionsOnceInGroup) {
  bench.AssignAndRestore({0});
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(7)}};
  Look(Unread(false, false));
  EXPECT_EQ(bench.events.gauges.lag, 7);
  EXPECT_EQ(bench.events.gauges.unread, std::nullopt);
  bench.restorer.bounds = {{.partition = Partition(0), .end = Offset(7)}};
  Look(Unread(true, false));
  EXPECT_EQ(bench.events.gauges.lag, 67);
  EXPECT_EQ(bench.events.gauges.unread, 4U);
}

TEST_F(TopicViewTest, HasNoLagWithoutPartitionWhileGroupIsUnknown) {
  bench.AssignAndRestore({});
  Look(std::nullopt);
  EXPECT_EQ(bench.events.gauges.lag, std::nullopt);
  Look(UnreadPartitions{.is_ours_to_tell = true});
  EXPECT_EQ(bench.events.gauges.lag, 0);
}

}  // namespace
}  // namespace consumer
