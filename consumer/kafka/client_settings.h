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
  std::string instance;  ///< `<instance>-<lane>`: the group.instance.id.

  /// The group in front: transactional ids are the cluster's, not the group's, and two groups may
  /// have instances of the same name.
  [[nodiscard]] std::string transactional_id() const { return group + "." + instance; }
};

/// Properties that hold for every client unless the operator says otherwise.
[[nodiscard]] inline common::kafka::Properties CommonDefaults() {
  return {{"socket.nagle.disable", "true"},  // not the default before librdkafka 2.10 (#4986)
          {"reconnect.backoff.ms", "50"},
          {"reconnect.backoff.max.ms", "500"},
          {"log_level", "6"}};
}

/// The group protocol that the hand-over of a partition rests on, where the library knows another:
/// members of the newer one get partitions without a revocation of all, and no generation.
[[nodiscard]] inline common::kafka::Properties ClassicGroup() {
  const char* const name = "group.protocol";
  const char* const classic = "classic";
  if (common::kafka::FindPropertyMistake(name, classic)) return {};
  return {{name, classic}};
}

}  // namespace consumer
