#pragma once

#include "common/kafka/topic_check.h"
#include "consumer/config.h"

namespace consumer {

/// The settings' requirements on the topics.
[[nodiscard]] common::kafka::TopicNeeds TopicNeedsOf(const Config& config);
/// The topics that they need.
[[nodiscard]] common::kafka::TopicScope TopicScopeOf(const Config& config);

}  // namespace consumer
