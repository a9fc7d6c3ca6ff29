#include "consumer/kafka/fenced_member.h"

#include <gtest/gtest.h>

#include <ostream>

namespace consumer {
namespace {

struct Case {
  const char* name;
  FencedMember member;
  FencingDoubt doubt;
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class FencedMemberTable : public ::testing::TestWithParam<Case> {};

TEST_P(FencedMemberTable, TellsWhoMayHaveFencedIt) {
  EXPECT_EQ(Judge(GetParam().member), GetParam().doubt);
}

INSTANTIATE_TEST_SUITE_P(
    Judge, FencedMemberTable,
    ::testing::Values(
        Case{"AnotherInstanceOnceAssigned", {.id = "a", .assigned_id = "a"}, FencingDoubt::kNone},
        Case{"CoordinatorBeforeFirstAssignment",
             {.id = "a", .assigned_id = ""},
             FencingDoubt::kForgottenJoin},
        Case{"CoordinatorAfterNewJoin",
             {.id = "b", .assigned_id = "a"},
             FencingDoubt::kForgottenJoin},
        Case{"CoordinatorIfClientHasDroppedItsId",
             {.id = "", .assigned_id = "a"},
             FencingDoubt::kForgottenJoin},
        Case{"LateJoinOnceAssigned",
             {.id = "a", .assigned_id = "a", .may_come_late = true},
             FencingDoubt::kLateJoin},
        Case{"LateJoinBeforeAssignment",
             {.id = "a", .assigned_id = "", .may_come_late = true},
             FencingDoubt::kLateJoin}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace consumer
