#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace common::json {

/// What most readers of JSON take: containers in containers, the outermost one counted.
inline constexpr std::size_t kDeepestNesting = 512;

/// An id as the outermost object of an answer names it.
struct NamedId {
  enum class Kind {
    kMissing,  ///< Absent or null.
    kNamed,
    kUnusable,  ///< Not a string, or the name occurs twice and says two things.
  };
  Kind kind = Kind::kMissing;
  std::string value{};  ///< Normalised.
};

struct AnswerIds {
  NamedId process;
  NamedId dossier;
};

/// A process or a dossier as the Assure API gave it. All of it is read from the outermost object.
struct ResourceAnswer {
  std::optional<std::string> status;  ///< If it is a string.
  AnswerIds ids;
  bool is_too_deep = false;  ///< Nested deeper than kDeepestNesting.
};

/// None unless the whole body is one JSON object in UTF-8.
[[nodiscard]] std::optional<ResourceAnswer> ReadResourceAnswer(std::string_view body);

/// Whose error a body is, as far as it says so.
struct ErrorSubject {
  AnswerIds ids;
  std::string instance;  ///< RFC 9457, 3.1.5: the API has the path of the request there.
};

/// Nothing is named in a body that is not one JSON object.
[[nodiscard]] ErrorSubject ReadErrorSubject(std::string_view body);

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
