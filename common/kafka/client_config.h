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

/// A configuration from layers, later ones winning: the role's defaults, the operator's properties,
/// what the promises rest on.
/// Errors: kStop "bad_property", naming the property.
[[nodiscard]] Result<Conf> BuildConf(std::initializer_list<const Properties*> layers);

/// The same without the properties that concern the other kind of client only, as librdkafka's own
/// list says: one `kafka:` section serves several clients, and each would warn of what is not for
/// it.
[[nodiscard]] Result<Conf> BuildConfOf(rd_kafka_type_t type,
                                       std::initializer_list<const Properties*> layers);

/// Asks librdkafka whether it knows the property and takes the value, and looks whether it can do
/// what the value names: a SASL mechanism that this build has, a file that can be read. The answer
/// tells what is wrong, and the value unless it is a secret. None if it is right.
[[nodiscard]] std::optional<std::string> FindPropertyMistake(const std::string& name,
                                                             const std::string& value);

/// Creates a client. The configuration is used up in any case.
/// Errors: kStop "client_refused" with librdkafka's words.
[[nodiscard]] Result<Handle> NewProducer(Conf conf);
[[nodiscard]] Result<Handle> NewConsumer(Conf conf);

}  // namespace common::kafka
