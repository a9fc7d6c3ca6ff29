#pragma once

#include <string>

#include "common/domain/topics.h"
#include "common/kafka/client_config.h"

namespace consumer {

/// What the three clients of a lane have in common.
struct ClientSettings {
  common::kafka::Properties properties;  ///< The operator's, for every client.
  common::TopicNames topics;
  std::string group;
  std::string instance;  ///< group.instance.id and transactional.id of the lane.
};

/// Properties that hold for every client unless the operator says otherwise.
[[nodiscard]] inline common::kafka::Properties CommonDefaults() {
  return {{"socket.nagle.disable", "true"},  // not the default before librdkafka 2.10 (#4986)
          {"reconnect.backoff.ms", "50"},
          {"reconnect.backoff.max.ms", "500"},
          {"log_level", "6"}};
}

}  // namespace consumer
