#include "consumer/policy/recovery.h"

#include <gtest/gtest.h>

namespace consumer {
namespace {

TEST(Recovery, IsRareAfterRepeatedRequestsForLessLoad) {
  Recovery recovery;
  for (int i = 0; i < 3; ++i) {
    recovery.Repeated();
    EXPECT_FALSE(recovery.IsRare()) << i;
  }
  recovery.Repeated();
  EXPECT_TRUE(recovery.IsRare());
}

TEST(Recovery, IsNotRareWhenEverySecondRetryIsAnswered) {
  Recovery recovery;
  for (int i = 0; i < 100; ++i) {
    recovery.Repeated();
    EXPECT_FALSE(recovery.IsRare());
    recovery.Recovered();
  }
}

TEST(Recovery, IsRareAtOnceWhenHostAnswersOthers) {
  Recovery recovery;
  recovery.Refuted();
  EXPECT_TRUE(recovery.IsRare());
  recovery.Recovered();
  recovery.Recovered();
  EXPECT_FALSE(recovery.IsRare());
}

}  // namespace
}  // namespace consumer
