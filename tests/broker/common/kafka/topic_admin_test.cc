#include "common/kafka/topic_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kafka/client_config.h"
#include "common/kafka/topic_check.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace common::kafka {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::hours kWindow(48);

Deadline Soon() { return Deadline::After(seconds(20)); }

/// A client of the shared broker, with its own topics.
class TopicAdmin : public testing::Test {
 protected:
  TopicAdmin() {
    const Properties properties = {{"bootstrap.servers", tests::Broker::Shared().bootstrap()}};
    client_ = *NewProducer(*BuildConf({&properties}));
    const std::string prefix = tests::UniqueName("topics");
    names_ = {.callbacks = prefix + ".c",
              .seen = prefix + ".s",
              .processes = prefix + ".p",
              .dead = prefix + ".d",
              .expected = prefix + ".e"};
    plan_.partitions = 5;
    plan_.dead_partitions = 2;
    plan_.replication = 1;
  }

  std::vector<TopicCreation::CreationStatus> Create(const std::vector<TopicSpec>& specs) {
    const auto created = CreateTopics(client_.get(), specs, Soon());
    std::vector<TopicCreation::CreationStatus> outcomes;
    if (!created) {
      ADD_FAILURE() << created.error().detail;
      return outcomes;
    }
    for (const TopicCreation& creation : *created) outcomes.push_back(creation.outcome);
    return outcomes;
  }

  ClusterFacts Facts() {
    const auto facts = FetchClusterFacts(client_.get(), TopicsOf(names_, TopicScope::kAll), Soon());
    if (!facts) ADD_FAILURE() << facts.error().detail;
    return facts ? *facts : ClusterFacts{};
  }

  /// The facts once the broker knows all topics.
  ClusterFacts CompleteFacts() {
    ClusterFacts facts;
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          facts = Facts();
          return std::all_of(facts.topics.begin(), facts.topics.end(), [](const auto& topic) {
            return topic.second.access == TopicFacts::Access::kAllowed;
          });
        },
        seconds(20)));
    return facts;
  }

  Handle client_;
  TopicNames names_;
  TopicPlan plan_;
};

using CreationStatus = TopicCreation::CreationStatus;

TEST_F(TopicAdmin, CreatesTopicsThatPassTheCheck) {
  EXPECT_THAT(
      Create(PlanTopics(names_, plan_)),
      ElementsAre(CreationStatus::kCreated, CreationStatus::kCreated, CreationStatus::kCreated,
                  CreationStatus::kCreated, CreationStatus::kCreated));
  const ClusterFacts facts = CompleteFacts();
  EXPECT_EQ(facts.topics.at(names_.callbacks).partitions, 5);
  EXPECT_EQ(facts.topics.at(names_.seen).partitions, 5);
  EXPECT_EQ(facts.topics.at(names_.processes).partitions, 5);
  EXPECT_EQ(facts.topics.at(names_.dead).partitions, 2);
  EXPECT_EQ(facts.topics.at(names_.seen).replication, 1);
  for (const TopicSpec& spec : PlanTopics(names_, plan_)) {
    SCOPED_TRACE(spec.name);
    const auto& config = facts.topics.at(spec.name).config;
    for (const auto& [name, value] : spec.config) EXPECT_EQ(config.at(name), value) << name;
  }
  for (const TopicFinding& finding :
       CheckTopics(names_, TopicScope::kAll, {.dedup_reach = kWindow}, facts)) {
    EXPECT_EQ(finding.fault, TopicFault::kReplication) << finding.text;
  }
}

TEST_F(TopicAdmin, LeavesExistingTopicsUnchanged) {
  const std::vector<TopicSpec> specs = PlanTopics(names_, plan_);
  EXPECT_THAT(Create({specs[1]}), ElementsAre(CreationStatus::kCreated));
  plan_.partitions = 7;
  EXPECT_THAT(
      Create(PlanTopics(names_, plan_)),
      ElementsAre(CreationStatus::kCreated, CreationStatus::kExisted, CreationStatus::kCreated,
                  CreationStatus::kCreated, CreationStatus::kCreated));
  const ClusterFacts facts = CompleteFacts();
  EXPECT_EQ(facts.topics.at(names_.callbacks).partitions, 7);
  EXPECT_EQ(facts.topics.at(names_.seen).partitions, 5);
  const auto findings = CheckTopics(names_, TopicScope::kAll, {.dedup_reach = kWindow}, facts);
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(),
                          [](const auto& finding) { return IsRefused(finding.fault); }),
            1);
}

TEST_F(TopicAdmin, ReportsMissingTopics) {
  const ClusterFacts facts = Facts();
  EXPECT_EQ(facts.brokers, 1);
  for (const auto& [name, topic] : facts.topics) {
    EXPECT_EQ(topic.access, TopicFacts::Access::kMissing) << name;
  }
  EXPECT_EQ(CheckTopics(names_, TopicScope::kAll, {.dedup_reach = kWindow}, facts).size(), 5U);
}

TEST_F(TopicAdmin, DoesNotCreateATopicByLookingItUp) {
  Facts();
  EXPECT_EQ(tests::KafkaClient(tests::Broker::Shared().bootstrap()).DescribeTopic(names_.callbacks),
            std::nullopt);
}

TEST_F(TopicAdmin, ReportsWhyCreatingATopicFailed) {
  plan_.replication = 3;
  const auto created = CreateTopics(client_.get(), PlanTopics(names_, plan_), Soon());
  ASSERT_TRUE(created) << created.error().detail;
  for (const TopicCreation& creation : *created) {
    EXPECT_EQ(creation.outcome, CreationStatus::kFailed);
    EXPECT_NE(creation.error, "");
  }
}

}  // namespace
}  // namespace common::kafka
