#include "common/preflight/rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::preflight {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Operation = Right::Operation;
using Resource = Right::Resource;

const Right kWrite{Resource::kTopic, "callbacks", Operation::kWrite};
const Right kDescribe{Resource::kTopic, "callbacks", Operation::kDescribe};
constexpr const char* kMe = "User:me";

/// A client that may list the entries, with these among them.
RightsSight Sight(std::vector<AclEntry> entries) {
  entries.push_back({.resource = Resource::kCluster,
                     .name = "kafka-cluster",
                     .principal = kMe,
                     .operations = {Operation::kDescribe}});
  RightsSight sight;
  sight.authorizer = RightsSight::Authorizer::kPresent;
  sight.principal = kMe;
  sight.acls = std::move(entries);
  return sight;
}

AclEntry Grant(const std::string& name, std::set<Operation> operations) {
  return {.resource = Resource::kTopic,
          .name = name,
          .principal = kMe,
          .operations = std::move(operations)};
}

std::string LineOf(const RightsSight& sight, const NeededRight& need = {.right = kWrite}) {
  Report report;
  JudgeRights({need}, sight, report);
  return report.Render();
}

constexpr const char* kHas = "ok acl: User:me has Write on topic callbacks\n";
constexpr const char* kLacks =
    "wrong acl: User:me lacks Write on topic callbacks: allow it with kafka-acls\n";

TEST(Rights, HaveNoLineWhereNobodyChecksThem) {
  RightsSight sight;
  sight.authorizer = RightsSight::Authorizer::kNone;
  EXPECT_EQ(LineOf(sight), "");
}

TEST(Rights, AreUnaskedIfNobodySaysWhetherTheyAreChecked) {
  EXPECT_THAT(LineOf({}), StartsWith("unasked acl: no broker says whether"));
}

TEST(Rights, AreNamedIfTheEntriesRefuseThem) {
  EXPECT_EQ(LineOf(Sight({})), kLacks);
  EXPECT_EQ(LineOf(Sight({Grant("callbacks", {Operation::kRead})})), kLacks);
  EXPECT_EQ(LineOf(Sight({Grant("other", {Operation::kWrite})})), kLacks);
}

TEST(Rights, AreGrantedByNamePrefixOrForAll) {
  EXPECT_EQ(LineOf(Sight({Grant("callbacks", {Operation::kWrite})})), kHas);
  EXPECT_EQ(LineOf(Sight({Grant("*", {Operation::kWrite})})), kHas);
  AclEntry prefix = Grant("call", {Operation::kWrite});
  EXPECT_EQ(LineOf(Sight({prefix})), kLacks);
  prefix.is_prefix = true;
  EXPECT_EQ(LineOf(Sight({prefix})), kHas);
}

TEST(Rights, AreGrantedToEverybodyToo) {
  AclEntry all = Grant("callbacks", {Operation::kWrite});
  all.principal = "User:*";
  EXPECT_EQ(LineOf(Sight({all})), kHas);
  all.principal = "User:another";
  EXPECT_EQ(LineOf(Sight({all})), kLacks);
}

TEST(Rights, AreRefusedByADenialBesideAGrant) {
  AclEntry denial = Grant("*", {Operation::kWrite});
  denial.is_denial = true;
  EXPECT_EQ(LineOf(Sight({Grant("callbacks", {Operation::kWrite}), denial})), kLacks);
}

TEST(Rights, AreUnaskedIfAnEntryIsForSomeHosts) {
  AclEntry local = Grant("callbacks", {Operation::kWrite});
  local.is_for_every_host = false;
  EXPECT_THAT(LineOf(Sight({local})), StartsWith("unasked acl: Write on topic callbacks"));
}

TEST(Rights, AreUnaskedIfTheEntriesAreHidden) {
  RightsSight sight = Sight({});
  sight.acls.reset();
  EXPECT_THAT(LineOf(sight), HasSubstr("this client sees no ACLs"));
  EXPECT_THAT(LineOf(sight), StartsWith("unasked"));
}

TEST(Rights, AreUnaskedOfAnUnknownPrincipal) {
  RightsSight sight = Sight({Grant("callbacks", {Operation::kWrite})});
  sight.principal.clear();
  EXPECT_THAT(LineOf(sight), StartsWith("unasked"));
}

TEST(Rights, AreUnaskedOfASuperUser) {
  RightsSight sight = Sight({});
  sight.acls->clear();  // Nothing grants the listing that has succeeded.
  EXPECT_THAT(LineOf(sight), StartsWith("unasked"));
  sight = Sight({});
  sight.shown.insert(kDescribe);  // Nor that the topic is visible.
  EXPECT_THAT(LineOf(sight), StartsWith("unasked"));
}

TEST(Rights, AreUnaskedIfResourcesWithoutAclsMayBeOpen) {
  RightsSight sight = Sight({Grant("other", {Operation::kWrite})});
  sight.may_allow_unnamed = true;
  EXPECT_EQ(LineOf(sight),
            "unasked acl: Write on topic callbacks could not be asked for, since the ACLs do not "
            "explain what User:me may do, as with a super user, or where "
            "allow.everyone.if.no.acl.found is set: compare with kafka-acls --list\n");
}

TEST(Rights, AreRefusedIfAclNamesOnlyAnotherPrincipal) {
  AclEntry other = Grant("callbacks", {Operation::kWrite});
  other.principal = "User:another";
  RightsSight sight = Sight({other});
  sight.may_allow_unnamed = true;
  EXPECT_EQ(LineOf(sight), kLacks);
}

TEST(Rights, AreRefusedByBrokersAnswerDespiteAcls) {
  RightsSight sight = Sight({Grant("callbacks", {Operation::kWrite})});
  sight.denied.insert(kDescribe);
  EXPECT_EQ(LineOf(sight), kLacks) << "Write includes Describe";
}

TEST(Rights, FollowTheBrokersAnswer) {
  RightsSight sight = Sight({});
  sight.acls.reset();
  sight.allowed[{Resource::kTopic, "callbacks"}] = {Operation::kWrite, Operation::kDescribe};
  EXPECT_EQ(LineOf(sight), kHas);
  sight.allowed[{Resource::kTopic, "callbacks"}] = {Operation::kRead};
  EXPECT_EQ(LineOf(sight), kLacks);
}

TEST(Rights, AreOnlyAWarningIfMostWorksWithoutThem) {
  EXPECT_EQ(
      LineOf(Sight({}), {.right = kWrite, .otherwise = "repairs fail"}),
      "warning acl: User:me lacks Write on topic callbacks, without which repairs fail: allow "
      "it with kafka-acls\n");
}

}  // namespace
}  // namespace common::preflight
