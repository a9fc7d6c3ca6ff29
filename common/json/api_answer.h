#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace common::json {

/// A process or a dossier as the Assure API gave it.
struct ResourceAnswer {
  std::optional<std::string> status;  ///< The outermost object's, if it is a string.
};

/// None unless the whole body is one JSON object in UTF-8.
[[nodiscard]] std::optional<ResourceAnswer> ReadResourceAnswer(std::string_view body);

/// The `traceId` of an error body, which support asks for; none if it is not there, not a string
/// or longer than 128 bytes.
[[nodiscard]] std::optional<std::string> ReadTraceId(std::string_view body);

/// Whether an error body says that the access token is at fault: `invalid_token` as its `code`, as
/// the platform has it, or as its `error` (RFC 6750, 3.1).
[[nodiscard]] bool RefusesToken(std::string_view body);

/// RFC 6749 section 5.1. Never logged.
struct TokenAnswer {
  std::string access_token;
  std::optional<std::chrono::seconds> expires_in;  ///< Not negative, at most ten years.
};

/// None unless the body is a JSON object with a non-empty `access_token`.
[[nodiscard]] std::optional<TokenAnswer> ReadTokenAnswer(std::string_view body);

}  // namespace common::json
