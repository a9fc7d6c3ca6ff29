#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// librdkafka's properties by name.
using Properties = std::map<std::string, std::string>;

/// Builds a configuration from layers, of which later ones win: the role's defaults, the operator's
/// properties, the properties that our guarantees depend on.
/// Errors: kStop "bad_property"; the detail names the property.
[[nodiscard]] Result<Conf> BuildConf(std::initializer_list<const Properties*> layers);

/// Like BuildConf(), but skips properties that librdkafka lists for the other kind of client. One
/// `kafka:` section serves several clients, and each would warn about the others' properties.
[[nodiscard]] Result<Conf> BuildConfOf(rd_kafka_type_t type,
                                       std::initializer_list<const Properties*> layers);

/// Checks that librdkafka accepts the property and its value, that this build has the SASL
/// mechanism, and that the file is readable. Returns the mistake, which quotes the value unless it
/// is a secret, or empty if the property is valid.
[[nodiscard]] std::optional<std::string> FindPropertyMistake(const std::string& name,
                                                             const std::string& value);

/// The hand-over of a partition requires the classic group protocol. In the newer one, members get
/// partitions without a full revocation and without a generation. Empty if the library knows only
/// one protocol.
[[nodiscard]] Properties ClassicGroup();

/// Creates a client. Consumes the configuration, also on failure.
/// Errors: kStop "client_refused" with librdkafka's message.
[[nodiscard]] Result<Handle> NewProducer(Conf conf);
[[nodiscard]] Result<Handle> NewConsumer(Conf conf);

}  // namespace common::kafka
