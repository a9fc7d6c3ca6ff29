#pragma once

#include <string>

#include "common/domain/topics.h"
#include "common/kafka/client_config.h"

namespace consumer {

/// Settings shared by the clients of a lane.
struct ClientSettings {
  common::kafka::Properties properties;  ///< The operator's, for every client.
  common::TopicNames topics;
  std::string group;
  std::string instance;  ///< `<instance>-<lane>`: the group.instance.id.

  /// Starts with the group: transactional ids belong to the cluster, not to the group, and two
  /// groups may have instances of the same name.
  [[nodiscard]] std::string transactional_id() const { return group + "." + instance; }
};

/// Properties of every client unless the operator sets them.
[[nodiscard]] inline common::kafka::Properties CommonDefaults() {
  return {{"socket.nagle.disable", "true"},  // not the default before librdkafka 2.10 (#4986)
          {"reconnect.backoff.ms", "50"},
          {"reconnect.backoff.max.ms", "500"},
          {"log_level", "6"}};
}

}  // namespace consumer
