#include "ingest/kafka/callbacks_topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingest {
namespace {

using common::kafka::ClusterFacts;
using common::kafka::TopicFacts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExpectedTopicTest : public testing::Test {
 protected:
  ExpectedTopicTest() {
    for (const char* name : {"callbacks", "callbacks.expected"}) {
      facts.topics[name] = {
          .partitions = 12,
          .replication = 3,
          .in_sync = 3,
          .config = {{"min.insync.replicas", "2"}, {"max.message.bytes", "8000"}}};
    }
  }

  /// "refused: TEXT" or "warned: TEXT".
  [[nodiscard]] std::vector<std::string> Findings() const {
    std::vector<std::string> texts;
    for (const auto& finding : ReportOnExpectedTopic({}, facts).findings) {
      const bool is_refused = common::kafka::IsRefused(finding.fault);
      texts.push_back((is_refused ? "refused: " : "warned: ") + finding.text);
    }
    return texts;
  }

  ClusterFacts facts;
};

TEST_F(ExpectedTopicTest, IsAcceptedWithThePartitionsOfCallbacks) {
  EXPECT_THAT(Findings(), IsEmpty());
  EXPECT_EQ(ReportOnExpectedTopic({}, facts).max_message_bytes, 8000U);
  facts.topics["callbacks"].config["min.insync.replicas"] = "1";
  EXPECT_THAT(Findings(), IsEmpty()) << "of the other topic";
  facts.topics["callbacks"].partitions = 24;
  EXPECT_THAT(Findings(), ElementsAre(HasSubstr("refused: callbacks.expected has 12 partitions")));
}

TEST_F(ExpectedTopicTest, IsRefusedWhileItsPartitionsCannotBeCompared) {
  const auto refused = HasSubstr("refused: callbacks.expected has partitions that cannot be");
  for (const auto access : {TopicFacts::Access::kDenied, TopicFacts::Access::kMissing}) {
    facts.topics["callbacks"].access = access;
    EXPECT_THAT(Findings(), ElementsAre(refused));
  }
  facts.topics["callbacks"].access = TopicFacts::Access::kAllowed;
  facts.topics["callbacks.expected"].access = TopicFacts::Access::kDenied;
  EXPECT_THAT(Findings(),
              ElementsAre(HasSubstr("warned: callbacks.expected cannot be checked"), refused));
  facts.topics["callbacks.expected"].access = TopicFacts::Access::kMissing;
  EXPECT_THAT(Findings(), ElementsAre(HasSubstr("does not exist")));
}

}  // namespace
}  // namespace ingest
