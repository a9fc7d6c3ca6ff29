#include "ingest/kafka/callbacks_topic.h"

#include <utility>

#include "common/domain/topics.h"
#include "common/kafka/topic_admin.h"

namespace ingest {

TopicCheck CheckOfTopic(std::string topic, std::int64_t callback_bytes) {
  common::TopicNames names;
  names.callbacks = std::move(topic);
  return [names, callback_bytes](rd_kafka_t* client, common::Deadline deadline)
             -> common::Result<std::vector<common::kafka::TopicFinding>> {
    constexpr auto kScope = common::kafka::TopicScope::kCallbacks;
    const common::Result<common::kafka::ClusterFacts> facts =
        common::kafka::FetchClusterFacts(client, common::kafka::TopicsOf(names, kScope), deadline);
    if (!facts) return facts.error();
    // The windows concern callbacks.seen, which is not ingest's.
    return common::kafka::CheckTopics(names, kScope, {.callback_bytes = callback_bytes}, *facts);
  };
}

}  // namespace ingest
