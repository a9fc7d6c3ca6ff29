#include "common/preflight/kafka_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kafka/handles.h"

namespace common::preflight {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Access = kafka::TopicFacts::Access;
using Operation = Right::Operation;

TEST(Grant, OfAnotherOperationIncludesDescribe) {
  EXPECT_THAT(GrantedBy(RD_KAFKA_ACL_OPERATION_READ),
              ElementsAre(Operation::kRead, Operation::kDescribe));
  EXPECT_THAT(GrantedBy(RD_KAFKA_ACL_OPERATION_DELETE), ElementsAre(Operation::kDescribe));
  EXPECT_THAT(GrantedBy(RD_KAFKA_ACL_OPERATION_ALTER), ElementsAre(Operation::kDescribe));
  EXPECT_THAT(GrantedBy(RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS), IsEmpty());
}

TEST(Denial, ForbidsOnlyItsOwnOperation) {
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_READ), ElementsAre(Operation::kRead));
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_WRITE), ElementsAre(Operation::kWrite));
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_DESCRIBE), ElementsAre(Operation::kDescribe));
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_DELETE), IsEmpty());
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_ALTER), IsEmpty());
}

TEST(Denial, OfAllForbidsEveryOperation) {
  EXPECT_THAT(DeniedBy(RD_KAFKA_ACL_OPERATION_ALL),
              ElementsAre(Operation::kRead, Operation::kWrite, Operation::kDescribe));
}

TEST(HiddenTopic, IsMissingOnlyIfABrokerDoesNotKnowIt) {
  EXPECT_EQ(AccessBy({.error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .is_answered = true}),
            Access::kMissing);
  EXPECT_EQ(AccessBy({.is_answered = true, .count = 12}), Access::kDenied) << "it exists";
  EXPECT_EQ(AccessBy({.error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, .is_answered = true}),
            Access::kDenied);
  EXPECT_EQ(AccessBy({.error = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .is_answered = true}),
            Access::kDenied);
  EXPECT_EQ(AccessBy({.error = RD_KAFKA_RESP_ERR__TIMED_OUT}), Access::kDenied);
}

/// A broker's answer with this property.
kafka::Owned<rd_kafka_ConfigResource_t> BrokerWith(const char* name, const char* value) {
  kafka::Owned<rd_kafka_ConfigResource_t> broker(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, "1"));
  rd_kafka_ConfigResource_set_config(broker.get(), name, value);
  return broker;
}

TEST(BrokersAnswer, TellsWhetherItChecksRights) {
  using Authorizer = RightsSight::Authorizer;
  EXPECT_EQ(AuthorizerIn(*BrokerWith("authorizer.class.name", "a.B")), Authorizer::kPresent);
  EXPECT_EQ(AuthorizerIn(*BrokerWith("authorizer.class.name", "")), Authorizer::kNone);
  EXPECT_EQ(AuthorizerIn(*BrokerWith("broker.id", "1")), std::nullopt);
}

TEST(BrokersAnswer, TellsWhetherResourcesWithoutAclsAreOpen) {
  EXPECT_TRUE(MayAllowUnnamed(*BrokerWith("allow.everyone.if.no.acl.found", "true")));
  EXPECT_FALSE(MayAllowUnnamed(*BrokerWith("allow.everyone.if.no.acl.found", "false")));
  EXPECT_FALSE(MayAllowUnnamed(*BrokerWith("authorizer.class.name", "a.B")));
}

}  // namespace
}  // namespace common::preflight
