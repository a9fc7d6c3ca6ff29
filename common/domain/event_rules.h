#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/json_pointer.h"

namespace common {

/// How a sender signs an event.
///
///   header  := signature                     ; kBody, kTimestamp
///            | signature { " " signature }   ; kStandardWebhooks; those without the prefix are
///                                            ; skipped
///   signature := prefix encoding( HMAC(secret, content) )
///   content   := body                              ; kBody
///              | timestamp join body               ; kTimestamp
///              | id "." timestamp "." body         ; kStandardWebhooks
///   timestamp := seconds since 1970, decimal
///
/// Source of the last form: Standard Webhooks, specification, "Signature scheme".
struct SignatureRule {
  enum class Algorithm { kHmacSha256, kHmacSha512 };
  enum class Encoding { kHex, kBase64 };
  enum class Content { kBody, kTimestamp, kStandardWebhooks };

  std::string header{};  ///< Lower case, like all names of headers here.
  Algorithm algorithm = Algorithm::kHmacSha256;
  Encoding encoding = Encoding::kHex;
  std::string prefix{};
  Content content = Content::kBody;
  std::string id_header{};         ///< kStandardWebhooks only.
  std::string timestamp_header{};  ///< Empty for kBody.
  std::string join{};              ///< "." for kStandardWebhooks.
  /// How far a signed timestamp may be from our clock, in both directions.
  std::chrono::seconds tolerance = std::chrono::minutes(5);

  friend bool operator==(const SignatureRule&, const SignatureRule&) = default;
};

/// Where an event has its values: pointers into the body. An empty pointer: nowhere.
struct EventExtract {
  JsonPointer id{};
  std::string id_header{};  ///< The header that has the id instead; empty: `id`.
  JsonPointer type{};
  JsonPointer expires_at{};
  JsonPointer dossier{};
  JsonPointer process{};
  JsonPointer status{};
  JsonPointer tags = {"tags"};
};

/// What becomes of an event's fact.
enum class EventFetch {
  kFull,  ///< The result has what the API says: the event must name dossier and process.
  kNone,  ///< The result has the event itself.
};

/// What a row of `kind: events` has beyond a row of callbacks.
struct EventRules {
  std::optional<SignatureRule> signature{};  ///< None: Authorization alone.
  EventExtract extract{};
  std::optional<std::vector<std::string>> types{};  ///< Others are `ignored`. None: all are wanted.
  std::vector<std::string> ping = {"ping"};         ///< Types that are always `ignored`.
  /// Name of the row that reports the same facts; empty: none. Never this row, `unknown`, or a row
  /// with a `same_as` of its own.
  std::string same_as{};
  EventFetch fetch = EventFetch::kFull;
};

}  // namespace common
