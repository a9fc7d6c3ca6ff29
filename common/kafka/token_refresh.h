#pragma once

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>

#include "common/token/token_settings.h"

namespace common::kafka {

/// Lets a client get its tokens from a token server (SASL OAUTHBEARER). librdkafka carries the
/// settings as `sasl.oauthbearer.config`, asks on a thread of its own when 80 % of a token's life
/// have passed, and ten seconds after a failure.
/// Returns librdkafka's words if it refuses.
[[nodiscard]] std::optional<std::string> UseTokens(rd_kafka_conf_t* conf,
                                                   const token::TokenSettings& settings);

/// True if UseTokens() was called.
[[nodiscard]] bool UsesTokens(const rd_kafka_conf_t* conf);

/// Call for a new client that uses tokens: not every one of ours is polled.
void ServeTokens(rd_kafka_t* client);

}  // namespace common::kafka
