#include "ingest/kafka/callbacks_topic.h"

#include <utility>

#include "common/base/number.h"
#include "common/kafka/topic_admin.h"

namespace ingest {
namespace {

std::optional<std::size_t> MaxMessageBytes(const common::kafka::TopicFacts& topic) {
  const auto found = topic.config.find("max.message.bytes");
  if (found == topic.config.end()) return std::nullopt;
  return common::ParseNumber<std::size_t>(found->second);
}

}  // namespace

TopicCheck CheckOfTopic(std::string topic, std::int64_t callback_bytes) {
  common::TopicNames names;
  names.callbacks = std::move(topic);
  return [names, callback_bytes](rd_kafka_t* client,
                                 common::Deadline deadline) -> common::Result<TopicReport> {
    constexpr auto kScope = common::kafka::TopicScope::kCallbacks;
    const common::Result<common::kafka::ClusterFacts> facts =
        common::kafka::FetchClusterFacts(client, common::kafka::TopicsOf(names, kScope), deadline);
    if (!facts) return facts.error();
    // The windows concern callbacks.seen, which is consumer's topic.
    return TopicReport{.findings = common::kafka::CheckTopics(
                           names, kScope, {.callback_bytes = callback_bytes}, *facts),
                       .max_message_bytes = MaxMessageBytes(facts->topics.at(names.callbacks))};
  };
}

TopicReport ReportOnExpectedTopic(const common::TopicNames& names,
                                  const common::kafka::ClusterFacts& facts) {
  using common::kafka::TopicFacts;
  constexpr auto kScope = common::kafka::TopicScope::kCallbacksAndExpected;
  const TopicFacts& expected = facts.topics.at(names.expected);
  TopicReport report{.findings = common::kafka::CheckTopics(names, kScope, {}, facts),
                     .max_message_bytes = MaxMessageBytes(expected)};
  std::erase_if(report.findings,
                [&](const auto& finding) { return finding.topic != names.expected; });
  const bool is_comparable =
      expected.access == TopicFacts::Access::kAllowed &&
      facts.topics.at(names.callbacks).access == TopicFacts::Access::kAllowed;
  // CheckTopics() finds only counts that are known to differ.
  if (!is_comparable && expected.access != TopicFacts::Access::kMissing) {
    report.findings.push_back(
        {common::kafka::TopicFault::kPartitions, names.expected,
         names.expected + " has partitions that cannot be compared with those of " +
             names.callbacks + ": create both, and allow this client to describe them"});
  }
  return report;
}

TopicCheck CheckOfExpectedTopic(const common::TopicNames& names) {
  return [names](rd_kafka_t* client, common::Deadline deadline) -> common::Result<TopicReport> {
    constexpr auto kScope = common::kafka::TopicScope::kCallbacksAndExpected;
    const common::Result<common::kafka::ClusterFacts> facts =
        common::kafka::FetchClusterFacts(client, common::kafka::TopicsOf(names, kScope), deadline);
    if (!facts) return facts.error();
    return ReportOnExpectedTopic(names, *facts);
  };
}

}  // namespace ingest
