#include "ops/ctl/raise/raise_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const common::TopicNames kNames;

RaiseFacts Facts(int callbacks, int others, std::set<int> rests_on) {
  return {.counts = {{kNames.callbacks, callbacks},
                     {kNames.seen, others},
                     {kNames.processes, others},
                     {kNames.expected, others}},
          .rests_on = std::move(rests_on),
          .has_offsets = true};
}

RaisePlan PlanOf(const RaiseFacts& facts, int to) {
  const auto decision = PlanRaise(kNames, facts, to);
  if (!decision || !std::holds_alternative<RaisePlan>(*decision)) {
    ADD_FAILURE() << "no plan";
    return {};
  }
  return std::get<RaisePlan>(*decision);
}

std::vector<std::string> RefusalsOf(const RaiseFacts& facts, int to) {
  const auto decision = PlanRaise(kNames, facts, to);
  if (!decision) return {decision.error().detail};
  const auto* const refusals = std::get_if<RaiseRefusals>(&*decision);
  return refusals == nullptr ? std::vector<std::string>() : *refusals;
}

TEST(RaisePlan, RaisesCallbacksAfterSeenAndProcesses) {
  const RaisePlan plan = PlanOf(Facts(6, 6, {6}), 24);
  EXPECT_EQ(plan.from, 6);
  EXPECT_THAT(plan.topics,
              ElementsAre(kNames.seen, kNames.processes, kNames.callbacks, kNames.expected));
  EXPECT_FALSE(plan.is_resumed);
}

TEST(RaisePlan, GoesOnWhereItWasInterrupted) {
  RaiseFacts facts = Facts(6, 6, {6});
  facts.counts[kNames.seen] = 24;
  EXPECT_THAT(PlanOf(facts, 24).topics,
              ElementsAre(kNames.processes, kNames.callbacks, kNames.expected));
  const RaisePlan last = PlanOf(Facts(24, 24, {6}), 24);
  EXPECT_EQ(last.from, 6);
  EXPECT_THAT(last.topics, IsEmpty());
  EXPECT_TRUE(last.is_resumed);
  EXPECT_FALSE(last.IsDone());
  EXPECT_EQ(PlanOf(Facts(24, 24, {6, 24}), 24).from, 6) << "half of the offsets";
}

TEST(RaisePlan, IsDoneIfNothingIsLeft) {
  EXPECT_TRUE(PlanOf(Facts(24, 24, {24}), 24).IsDone());
  RaiseFacts unused = Facts(24, 24, {});
  unused.has_offsets = false;
  EXPECT_TRUE(PlanOf(unused, 24).IsDone());
  unused.members = {"a-0"};
  EXPECT_TRUE(PlanOf(unused, 24).IsDone()) << "nothing is done to a member";
}

TEST(RaisePlan, NeedsNoTopicOfAnnouncements) {
  RaiseFacts facts = Facts(6, 6, {6});
  facts.counts[kNames.expected] = 0;
  EXPECT_THAT(PlanOf(facts, 8).topics,
              ElementsAre(kNames.seen, kNames.processes, kNames.callbacks));
}

TEST(RaisePlan, StartsFromPartitionsOfCallbacksWithoutOffsets) {
  RaiseFacts facts = Facts(6, 6, {});
  EXPECT_EQ(PlanOf(facts, 24).from, 6);
}

TEST(RaisePlan, RefusesIfPartitionsOfOffsetsAreUnclear) {
  EXPECT_THAT(RefusalsOf(Facts(24, 6, {}), 24),
              ElementsAre(HasSubstr("do not say for how many they were committed")));
  EXPECT_THAT(RefusalsOf(Facts(6, 6, {4, 6}), 24),
              ElementsAre("the group's offsets were committed for different numbers of partitions: "
                          "4 and 6"));
}

TEST(RaisePlan, RefusesARaiseAcrossAnother) {
  EXPECT_THAT(RefusalsOf(Facts(12, 12, {6}), 24),
              ElementsAre("callbacks has 12 partitions, but the group's offsets were committed for "
                          "6: raise to 12 first"));
}

TEST(RaisePlan, RefusesWhileTheGroupHasMembers) {
  RaiseFacts facts = Facts(6, 6, {6});
  facts.members = {"a-0", "b-0"};
  EXPECT_THAT(RefusalsOf(facts, 24), ElementsAre(HasSubstr("the group has members: a-0, b-0")));
}

TEST(RaisePlan, RefusesFewerPartitionsThanThereAre) {
  const auto decision = PlanRaise(kNames, Facts(6, 6, {6}), 5);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().remedy, common::Remedy::kReject);
  EXPECT_THAT(RefusalsOf(Facts(6, 12, {6}), 8),
              ElementsAre("callbacks.expected has 12 partitions already",
                          "callbacks.seen has 12 partitions already",
                          "processes has 12 partitions already"));
}

TEST(RaisePlan, RefusesMissingTopics) {
  RaiseFacts facts = Facts(6, 6, {6});
  facts.counts[kNames.seen] = 0;
  EXPECT_THAT(RefusalsOf(facts, 24), ElementsAre("there is no topic callbacks.seen"));
}

}  // namespace
}  // namespace ctl
