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

/// A property that operators may not set, since a guarantee of Sluice depends on its value.
/// `pattern` may end in '*'.
struct ForbiddenProperty {
  std::string_view pattern;
  std::string_view why;
};

/// The properties forbidden in ingest.yaml and consumer.yaml.
[[nodiscard]] const std::vector<ForbiddenProperty>& ForbiddenForIngest();
[[nodiscard]] const std::vector<ForbiddenProperty>& ForbiddenForConsumer();

/// Validates a property. Returns the mistake, without the value if that is a secret, or empty if
/// the property is valid. common/kafka implements it with librdkafka.
using CheckKafkaProperty =
    std::function<std::optional<std::string>(const std::string& name, const std::string& value)>;

/// Reads `kafka:` of `root`. Requires `bootstrap.servers`. The suffix _file on a property's name
/// (sasl.password_file) reads its value from that file.
[[nodiscard]] KafkaProperties ReadKafkaProperties(const Section& root,
                                                  const std::vector<ForbiddenProperty>& forbidden,
                                                  const CheckKafkaProperty& check);

/// Reads `topics:` of `root`, with the keys callbacks, seen, processes, dead and expected. Reports
/// names that are invalid in Kafka or used twice. `expected` is by default that of callbacks with
/// ".expected".
[[nodiscard]] TopicNames ReadTopicNames(const Section& root);
/// Like ReadTopicNames(), with the keys of ingest.yaml only: callbacks and expected.
[[nodiscard]] TopicNames ReadTopicsOfIngest(const Section& root);

}  // namespace common::config
