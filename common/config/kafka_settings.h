#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/document.h"
#include "common/domain/topics.h"

namespace common::config {

/// librdkafka's properties by name.
using KafkaProperties = std::map<std::string, std::string>;

/// A property that a promise of Sluice rests on. `pattern` may end in '*'.
struct ForbiddenProperty {
  std::string_view pattern;
  std::string_view why;
};

/// What ingest.yaml and consumer.yaml may not set.
[[nodiscard]] const std::vector<ForbiddenProperty>& ForbiddenForIngest();
[[nodiscard]] const std::vector<ForbiddenProperty>& ForbiddenForConsumer();

/// What is wrong with a property, without its value if it is a secret; none if it is right. The
/// function of that shape in common/kafka asks librdkafka.
using CheckKafkaProperty =
    std::function<std::optional<std::string>(const std::string& name, const std::string& value)>;

/// `kafka:` of `root`. `bootstrap.servers` must be there. A property may be read from a file by
/// appending _file to its name (sasl.password_file).
[[nodiscard]] KafkaProperties ReadKafkaProperties(const Section& root,
                                                  const std::vector<ForbiddenProperty>& forbidden,
                                                  const CheckKafkaProperty& check);

/// `topics:` of `root`, the keys callbacks, seen, processes, dead. Kafka's own rules for names
/// hold.
[[nodiscard]] TopicNames ReadTopicNames(const Section& root);
/// The same with the key `callbacks` only.
[[nodiscard]] TopicNames ReadCallbacksTopic(const Section& root);

}  // namespace common::config
