#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"

namespace common::json {

/// The nesting limit of most JSON parsers. Counts the outermost container.
inline constexpr std::size_t kDeepestNesting = 512;

/// An id in the outermost object of an answer.
struct NamedId {
  enum class Kind {
    kMissing,  ///< Absent or null.
    kNamed,
    kUnusable,  ///< Not a string, or two occurrences contradict each other.
  };
  Kind kind = Kind::kMissing;
  std::string value{};  ///< Normalised.
};

struct AnswerIds {
  NamedId process;
  NamedId dossier;
};

/// A process or dossier from the Assure API. All fields come from the outermost object.
struct ResourceAnswer {
  std::optional<std::string> status;   ///< If it is a string.
  std::optional<WallTime> updated_at;  ///< Of a process, if it is an RFC 3339 time.
  AnswerIds ids;
  bool is_too_deep = false;  ///< Nested deeper than kDeepestNesting.
};

/// Empty unless the whole body is one JSON object in UTF-8.
[[nodiscard]] std::optional<ResourceAnswer> ReadResourceAnswer(std::string_view body);

/// The resource that an error body names.
struct ErrorSubject {
  AnswerIds ids;
  std::string instance;  ///< RFC 9457, 3.1.5: here the path of the request.
};

/// All fields are empty unless the body is one JSON object.
[[nodiscard]] ErrorSubject ReadErrorSubject(std::string_view body);

/// The `traceId` of an error body, which support asks for. Empty if it is absent, not a string, or
/// longer than 128 bytes.
[[nodiscard]] std::optional<std::string> ReadTraceId(std::string_view body);

/// True if an error body refuses the access token: `invalid_token` as its `code` (the platform's
/// form) or as its `error` (RFC 6750, 3.1).
[[nodiscard]] bool RefusesToken(std::string_view body);

/// RFC 6749 section 5.1. Never logged.
struct TokenAnswer {
  std::string access_token;
  std::optional<std::chrono::seconds> expires_in;  ///< Not negative, at most ten years.
};

/// Empty unless the body is a JSON object with a non-empty `access_token`.
[[nodiscard]] std::optional<TokenAnswer> ReadTokenAnswer(std::string_view body);

}  // namespace common::json
