// A group that fences a member although no other instance has its name.
#include <gtest/gtest.h>

#include <memory>

#include "tests/broker/consumer/kafka/consumer_bench.h"
#include "tests/broker/consumer/watched_member.h"

namespace consumer {
namespace {

using std::chrono::seconds;

// The coordinator knows the restarted member only in memory: the leader assigns nothing any more.
// Its log has the member before the restart.
TEST(FencedMember, RejoinsAfterKilledBrokerForgotItsJoin) {
  const auto broker = tests::Broker::Start();
  ConsumerBench bench(2, *broker);
  auto leader = std::make_unique<WatchedMember>(WatchedMemberSettings{
      .bootstrap = broker->bootstrap(), .group = bench.group(), .topic = bench.topics().callbacks});
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        leader->Poll();
        return leader->CountAssigned() == 2;
      },
      seconds(60)));
  {
    Member before_restart(bench, "a");
    ASSERT_TRUE(tests::WaitUntil(
        [&] {
          leader->Poll();
          before_restart.Poll();
          return before_restart.assigned.size() == 1;
        },
        seconds(60)));
  }

  leader->StopAtNextJoin();
  const int joins = leader->joins_sent();
  auto newcomer = std::make_unique<Member>(bench, "b");
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        leader->Poll();
        newcomer->Poll();
        return leader->joins_sent() > joins;
      },
      seconds(60)))
      << "the newcomer makes the group rebalance";
  Member member(bench, "a");
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        newcomer->Poll();
        member.Poll();
        const auto membership = member.source().Membership();
        return membership && !membership->member_id.empty();
      },
      seconds(60)))
      << "its join is answered";
  EXPECT_FALSE(member.is_assigned);
  broker->Kill(1);
  leader.reset();
  newcomer.reset();
  broker->Restart(1);

  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        member.Poll();
        return member.source().failure().has_value();
      },
      seconds(60)));
  EXPECT_EQ(member.source().failure()->code, "fenced");
  EXPECT_EQ(member.source().fencing_doubt(), FencingDoubt::kForgottenJoin);
  member.Renew();
  EXPECT_TRUE(member.PollUntilAssigned(1));
  EXPECT_FALSE(member.source().failure().has_value());
}

}  // namespace
}  // namespace consumer
