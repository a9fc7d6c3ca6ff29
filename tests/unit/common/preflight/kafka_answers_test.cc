#include "common/preflight/kafka_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace common::preflight
