#pragma once

#include <optional>
#include <string_view>

#include "common/config/document.h"
#include "common/domain/event_rules.h"

namespace common::config {

// signature := preset: onfido | standard-webhooks   ; keys beside it override what it sets
//            | header: name          ; required, unless the preset or `signed` knows it
//            | algorithm: hmac-sha256 | hmac-sha512
//            | encoding: hex | base64
//            | prefix: text          ; removed before comparing
//            | signed: body | standard-webhooks | { timestamp_header: name, join: text }
//            | tolerance: duration   ; only where a timestamp is signed
//            | secrets: [text…] | secrets_file: path      ; ingest alone reads them

/// The mapping `signature` of a row; nullopt if it has none. Reports mistakes. Accepts the keys of
/// the secrets without looking at them.
[[nodiscard]] std::optional<SignatureRule> ReadSignature(const Section& row);

/// True if a header can have this name: a token of RFC 9110, 5.6.2.
[[nodiscard]] bool IsHeaderName(std::string_view name);

}  // namespace common::config
