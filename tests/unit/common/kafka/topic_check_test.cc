#include "common/kafka/topic_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace common::kafka {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::hours kWindow(48);
constexpr std::chrono::hours kWait(24);

/// A cluster whose topics match the plan.
ClusterFacts AsPlanned(int replication = 3) {
  TopicPlan plan;
  plan.replication = replication;
  ClusterFacts facts;
  facts.brokers = replication;
  for (const TopicSpec& spec : PlanTopics({}, plan)) {
    TopicFacts& topic = facts.topics[spec.name];
    topic.partitions = spec.partitions;
    topic.replication = spec.replication;
    topic.config = {spec.config.begin(), spec.config.end()};
  }
  return facts;
}

std::vector<std::string> Findings(const ClusterFacts& facts, TopicScope scope = TopicScope::kAll) {
  std::vector<std::string> lines;
  for (const TopicFinding& finding :
       CheckTopics({}, scope, {.dedup_reach = kWindow, .expected_wait = kWait}, facts)) {
    lines.push_back((IsRefused(finding.fault) ? "refused: " : "warned: ") + finding.text);
  }
  return lines;
}

TEST(TopicCheck, AcceptsThePlannedTopics) { EXPECT_THAT(Findings(AsPlanned()), IsEmpty()); }

TEST(TopicCheck, ReportsEachDefectAndItsRemedy) {
  using Change = std::function<void(std::map<std::string, TopicFacts>&)>;
  const struct {
    std::string_view what;
    Change change;
    std::string_view finding;
  } kCases[] = {
      {"a missing topic",
       [](auto& topics) { topics["processes"].access = TopicFacts::Access::kMissing; },
       "refused: processes does not exist: create it with `sluicectl topics create`"},
      {"a topic absent from the facts", [](auto& topics) { topics.erase("callbacks.dead"); },
       "refused: callbacks.dead does not exist: create it with `sluicectl topics create`"},
      {"fewer partitions", [](auto& topics) { topics["callbacks.seen"].partitions = 6; },
       "refused: callbacks.seen has 6 partitions, but callbacks has 12: add partitions to "
       "callbacks.seen"},
      {"more partitions", [](auto& topics) { topics["processes"].partitions = 24; },
       "warned: processes has 24 partitions, but callbacks has 12: if sluicectl topics raise was "
       "interrupted, repeat it"},
      {"more partitions of announcements",
       [](auto& topics) { topics["callbacks.expected"].partitions = 24; },
       "refused: callbacks.expected has 24 partitions, but callbacks has 12: recreate "
       "callbacks.expected with as many"},
      {"announcements elsewhere than callbacks",
       [](auto& topics) { topics["callbacks.expected"].partitions = 6; },
       "refused: callbacks.expected has 6 partitions, but callbacks has 12: add partitions to "
       "callbacks.expected"},
      {"announcements that expire too early",
       [](auto& topics) { topics["callbacks.expected"].config["retention.ms"] = "86399999"; },
       "warned: callbacks.expected has retention.ms=86399999, so announcements may expire before "
       "consumer gives them up: set it to 172800000"},
      {"compaction",
       [](auto& topics) { topics["callbacks.seen"].config["cleanup.policy"] = "compact"; },
       "refused: callbacks.seen has cleanup.policy=compact: set it to `delete`, since markers "
       "expire by time"},
      {"compaction beside deletion",
       [](auto& topics) { topics["callbacks.seen"].config["cleanup.policy"] = "compact,delete"; },
       "refused: callbacks.seen has cleanup.policy=compact,delete: set it to `delete`, since "
       "markers expire by time"},
      {"compaction of callbacks",
       [](auto& topics) { topics["callbacks"].config["cleanup.policy"] = "compact"; },
       "refused: callbacks has cleanup.policy=compact: set it to `delete`, since compaction "
       "removes records whose key occurs again"},
      {"compaction of results",
       [](auto& topics) { topics["processes"].config["cleanup.policy"] = "delete,compact"; },
       "refused: processes has cleanup.policy=delete,compact: set it to `delete`, since compaction "
       "removes records whose key occurs again"},
      {"compaction of dead letters",
       [](auto& topics) { topics["callbacks.dead"].config["cleanup.policy"] = "compact"; },
       "refused: callbacks.dead has cleanup.policy=compact: set it to `delete`, since compaction "
       "removes records whose key occurs again"},
      {"callbacks deleted by size",
       [](auto& topics) { topics["callbacks"].config["retention.bytes"] = "1000000"; },
       "warned: callbacks has retention.bytes=1000000, so Kafka may delete records before their "
       "time: set it to -1"},
      {"markers deleted by size",
       [](auto& topics) { topics["callbacks.seen"].config["retention.bytes"] = "0"; },
       "warned: callbacks.seen has retention.bytes=0, so Kafka may delete records before their "
       "time: set it to -1"},
      {"unclean leader election",
       [](auto& topics) { topics["processes"].config["unclean.leader.election.enable"] = "true"; },
       "warned: processes has unclean.leader.election.enable=true, so acknowledged records can be "
       "lost: set it to false"},
      {"a limit too small for callbacks",
       [](auto& topics) { topics["callbacks"].config["max.message.bytes"] = "1048588"; },
       "warned: callbacks has max.message.bytes=1048588, but a callback may take 1064960 bytes: "
       "set it to at least that"},
      {"a limit too small for dead letters",
       [](auto& topics) { topics["callbacks.dead"].config["max.message.bytes"] = "1048588"; },
       "warned: callbacks.dead has max.message.bytes=1048588, but a callback may take 1064960 "
       "bytes: set it to at least that"},
      {"a limit too small for results",
       [](auto& topics) { topics["processes"].config["max.message.bytes"] = "9453567"; },
       "warned: processes has max.message.bytes=9453567, but a result may take 9453568 bytes: set "
       "it to at least that"},
      {"acks of one copy",
       [](auto& topics) { topics["callbacks"].config["min.insync.replicas"] = "1"; },
       "refused: callbacks has min.insync.replicas=1, so one copy suffices for an ack: set it to "
       "2"},
      {"one copy", [](auto& topics) { topics["callbacks"].replication = 1; },
       "warned: callbacks has one copy, which is lost with its broker: suitable only for "
       "development"},
      {"the sender's timestamps",
       [](auto& topics) { topics["callbacks"].config["message.timestamp.type"] = "CreateTime"; },
       "warned: callbacks has message.timestamp.type=CreateTime: set it to LogAppendTime"},
      {"the broker's timestamps on markers",
       [](auto& topics) {
         topics["callbacks.seen"].config["message.timestamp.type"] = "LogAppendTime";
       },
       "warned: callbacks.seen has message.timestamp.type=LogAppendTime: set it to CreateTime"},
      {"callbacks that expire within two days",
       [](auto& topics) {
         topics["callbacks"].config["retention.ms"] = "172799999";
         topics["callbacks.seen"].config["retention.ms"] = "-1";
       },
       "warned: callbacks has retention.ms=172799999, so callbacks may expire during a consumer's "
       "outage of less than two days: set it to 604800000"},
      {"markers that expire too early",
       [](auto& topics) { topics["callbacks.seen"].config["retention.ms"] = "777599999"; },
       "warned: callbacks.seen has retention.ms=777599999: set it to at least 777600000, that of "
       "callbacks plus the largest dedup window"},
      {"callbacks that never expire",
       [](auto& topics) { topics["callbacks"].config["retention.ms"] = "-1"; },
       "warned: callbacks.seen has retention.ms=777600000: set it to -1, that of callbacks plus "
       "the largest dedup window"},
      {"a topic without permission to describe it",
       [](auto& topics) { topics["callbacks.dead"].access = TopicFacts::Access::kDenied; },
       "warned: callbacks.dead cannot be checked: allow this client to describe it, or try again"},
      {"an unknown configuration", [](auto& topics) { topics["callbacks.dead"].config.clear(); },
       "warned: callbacks.dead has an unknown configuration, since no broker describes it yet: try "
       "again"},
      {"a configuration without permission to describe it",
       [](auto& topics) {
         topics["callbacks.dead"].config.clear();
         topics["callbacks.dead"].is_config_denied = true;
       },
       "warned: callbacks.dead has an unreadable configuration: allow this client to describe "
       "configs"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ClusterFacts facts = AsPlanned();
    c.change(facts.topics);
    EXPECT_THAT(Findings(facts), ElementsAre(std::string(c.finding)));
  }
}

TEST(TopicCheck, AcceptsLongerOrUnlimitedRetentionOfMarkers) {
  for (const std::string retention : {"777600001", "-1"}) {
    ClusterFacts facts = AsPlanned();
    facts.topics["callbacks.seen"].config["retention.ms"] = retention;
    EXPECT_THAT(Findings(facts), IsEmpty());
  }
}

TEST(TopicCheck, AcceptsOtherPartitionCountsIfEqual) {
  ClusterFacts facts = AsPlanned();
  for (const std::string topic :
       {"callbacks", "callbacks.seen", "processes", "callbacks.expected"}) {
    facts.topics[topic].partitions = 48;
  }
  facts.topics["callbacks.dead"].partitions = 1;
  EXPECT_THAT(Findings(facts), IsEmpty());
}

TEST(TopicCheck, OnlyWarnsOnASingleBrokerCluster) {
  const ClusterFacts facts = AsPlanned(1);
  EXPECT_EQ(Findings(facts).size(), 5U);
  for (const TopicFinding& finding :
       CheckTopics({}, TopicScope::kAll, {.dedup_reach = kWindow}, facts)) {
    EXPECT_EQ(finding.fault, TopicFault::kReplication);
  }
}

TEST(TopicCheck, ChecksOnlyCallbacksForIngest) {
  ClusterFacts facts;
  facts.topics["callbacks"] = AsPlanned().topics["callbacks"];
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacks), IsEmpty());
  facts.topics["callbacks"].config["retention.ms"] = "3600000";
  facts.topics["callbacks"].config["unclean.leader.election.enable"] = "true";
  facts.topics["callbacks"].config["cleanup.policy"] = "compact";
  facts.topics["callbacks"].config["max.message.bytes"] = "1000";
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacks),
              ElementsAre(testing::HasSubstr("refused: callbacks has cleanup.policy=compact"),
                          testing::HasSubstr("unclean.leader.election.enable=true"),
                          testing::HasSubstr("max.message.bytes=1000"),
                          testing::HasSubstr("retention.ms=3600000")));
  facts.topics["callbacks"].access = TopicFacts::Access::kMissing;
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacks),
              ElementsAre("refused: callbacks does not exist: create it with `sluicectl topics "
                          "create`"));
  EXPECT_THAT(TopicsOf({}, TopicScope::kCallbacks), ElementsAre("callbacks"));
}

TEST(TopicCheck, LooksAtAnnouncementsOnlyWhereTheyAreUsed) {
  ClusterFacts facts = AsPlanned();
  facts.topics.erase("callbacks.expected");
  EXPECT_THAT(Findings(facts, TopicScope::kHandling), IsEmpty());
  const auto missing = ElementsAre(
      "refused: callbacks.expected does not exist: create it with `sluicectl topics create`");
  EXPECT_THAT(Findings(facts, TopicScope::kAll), missing);
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacksAndExpected), missing);
  facts.topics["callbacks.expected"] = AsPlanned().topics["callbacks.expected"];
  facts.topics["callbacks.expected"].partitions = 6;
  facts.topics["callbacks.expected"].config["max.message.bytes"] = "1000";
  EXPECT_THAT(Findings(facts, TopicScope::kHandling), IsEmpty());
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacksAndExpected),
              ElementsAre(testing::HasSubstr("max.message.bytes=1000, but an announcement may take "
                                             "4096 bytes: set it to at least that"),
                          testing::HasSubstr("has 6 partitions")));
  facts.topics["callbacks.expected"].config["max.message.bytes"] = "4096";
  EXPECT_THAT(Findings(facts, TopicScope::kCallbacksAndExpected),
              ElementsAre(testing::HasSubstr("has 6 partitions")));
  EXPECT_THAT(TopicsOf({}, TopicScope::kCallbacksAndExpected),
              ElementsAre("callbacks", "callbacks.expected"));
}

TEST(TopicCheck, UsesTheGivenNames) {
  const TopicNames names{
      .callbacks = "a", .seen = "b", .processes = "c", .dead = "d", .expected = "e"};
  EXPECT_THAT(TopicsOf(names, TopicScope::kAll), ElementsAre("a", "b", "c", "d", "e"));
  const auto findings = CheckTopics(names, TopicScope::kAll, {.dedup_reach = kWindow}, AsPlanned());
  ASSERT_EQ(findings.size(), 5U);
  EXPECT_EQ(findings[0].topic, "a");
}

TEST(TopicFault, NamesEachFaultForLogsAndMetrics) {
  EXPECT_EQ(ToText(TopicFault::kMissing), "missing");
  EXPECT_EQ(ToText(TopicFault::kPartitions), "partitions");
  EXPECT_EQ(ToText(TopicFault::kCompacted), "compacted");
  EXPECT_EQ(ToText(TopicFault::kMinInsync), "min_insync");
  EXPECT_EQ(ToText(TopicFault::kReplication), "replication");
  EXPECT_EQ(ToText(TopicFault::kTimestamps), "timestamps");
  EXPECT_EQ(ToText(TopicFault::kRetention), "retention");
  EXPECT_EQ(ToText(TopicFault::kRetentionBytes), "retention_bytes");
  EXPECT_EQ(ToText(TopicFault::kUncleanElection), "unclean_election");
  EXPECT_EQ(ToText(TopicFault::kMessageSize), "message_size");
  EXPECT_EQ(ToText(TopicFault::kNoPermission), "no_permission");
}

}  // namespace
}  // namespace common::kafka
