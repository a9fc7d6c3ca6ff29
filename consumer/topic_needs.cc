#include "consumer/topic_needs.h"

#include <cstdint>

namespace consumer {

common::kafka::TopicNeeds TopicNeedsOf(const Config& config) {
  common::kafka::TopicNeeds needs{.dedup_reach = config.providers.DedupReach()};
  if (config.expected) needs.expected_wait = config.expected->max_wait;
  // Two answers of the API and the callback's own fields.
  needs.result_bytes =
      2 * static_cast<std::int64_t>(config.fetch.max_response) + needs.callback_bytes;
  return needs;
}

common::kafka::TopicScope TopicScopeOf(const Config& config) {
  using common::kafka::TopicScope;
  return config.expected ? TopicScope::kAll : TopicScope::kHandling;
}

}  // namespace consumer
