#include "common/kafka/missing_topics.h"

#include <gtest/gtest.h>

namespace common::kafka {
namespace {

using std::chrono::seconds;
using Findings = std::vector<TopicFinding>;

const Findings kMissing{{TopicFault::kMissing, "callbacks", ""}};
const Findings kOther{{TopicFault::kPartitions, "callbacks", ""}};
const MissingTopics::Time kStart{seconds(100)};

TEST(MissingTopics, AreCertainAfterFiveSecondsOfLooks) {
  MissingTopics missing;
  EXPECT_FALSE(missing.AreCertain(kMissing, kStart));
  EXPECT_FALSE(missing.AreCertain(kMissing, kStart + MissingTopics::kTrueAfter - seconds(1)));
  EXPECT_TRUE(missing.AreCertain(kMissing, kStart + MissingTopics::kTrueAfter));
  EXPECT_TRUE(missing.AreCertain(kMissing, kStart + seconds(60)));
}

TEST(MissingTopics, AreUncertainAgainOnceSeen) {
  MissingTopics missing;
  EXPECT_FALSE(missing.AreCertain(kMissing, kStart));
  EXPECT_TRUE(missing.AreCertain({}, kStart + seconds(1)));
  EXPECT_FALSE(missing.AreCertain(kMissing, kStart + MissingTopics::kTrueAfter));
}

TEST(MissingTopics, DoNotDelayOtherFindings) {
  MissingTopics missing;
  EXPECT_TRUE(missing.AreCertain(kOther, kStart));
  EXPECT_TRUE(missing.AreCertain({}, kStart));
}

}  // namespace
}  // namespace common::kafka
