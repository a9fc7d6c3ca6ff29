#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/event_rules.h"

namespace common {

/// The rule of Standard Webhooks with the headers of the specification.
[[nodiscard]] SignatureRule StandardWebhooks();

/// The signature of a request as its headers claim it: the values of those that the rule names.
/// nullopt for a header that is missing, or sent more than once.
///
/// Lifetime: views of the request.
struct SignatureClaim {
  std::optional<std::string_view> signature{};
  std::optional<std::string_view> id{};
  std::optional<std::string_view> timestamp{};
};

enum class SignatureVerdict {
  kRight,
  kMissing,  ///< A header that the rule needs is missing or sent twice.
  kWrong,    ///< Made with another secret or for another body, or no signature at all.
  kStale,    ///< Right, but its time is outside the tolerance: a repetition, or a wrong clock.
};

/// Judges a signature over the bytes received. Several keys are those of a rotation.
///
/// Time: compares with every key to the end. The duration depends on the sizes of body and header
///       and on the number of keys, not on where a signature differs.
[[nodiscard]] SignatureVerdict VerifySignature(const SignatureRule& rule,
                                               std::span<const std::string> keys,
                                               const SignatureClaim& claim, std::string_view body,
                                               WallTime now);

/// The value of the signature's header. `id` and `timestamp` are used where the rule signs them.
[[nodiscard]] std::string Sign(const SignatureRule& rule, std::string_view key, std::string_view id,
                               std::string_view timestamp, std::string_view body);

/// The headers of a request that is signed at `now`: signature, and timestamp and id where the rule
/// signs them. Names are in lower case.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> SignedFields(
    const SignatureRule& rule, std::string_view key, std::string_view id, WallTime now,
    std::string_view body);

/// The key that a configured secret stands for: its bytes, or what follows `whsec_` in base64 for
/// Standard Webhooks. nullopt if that is empty or not base64.
[[nodiscard]] std::optional<std::string> SigningKeyOf(const SignatureRule& rule,
                                                      std::string_view secret);

}  // namespace common
