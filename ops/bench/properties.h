#pragma once

#include <string>
#include <string_view>

#include "common/kafka/client_config.h"

namespace bench {

/// Sets a property from NAME=VALUE. Returns false if the text has another form.
[[nodiscard]] inline bool SetProperty(common::kafka::Properties& properties,
                                      std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  properties[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  return true;
}

}  // namespace bench
