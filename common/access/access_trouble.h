#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/access/certificate.h"

namespace common::access {

/// Why a Kafka broker refuses a client, or one of its requests.
struct AccessTrouble {
  enum class Kind : std::uint8_t {
    kCertificate,  ///< The broker's is refused by us.
    kTls,          ///< The handshake fails otherwise; the broker may refuse ours.
    kLogin,        ///< SASL.
    kToken,        ///< There is none to log in with.
    kRights,       ///< The client is logged in, and lacks a right.
  };

  Kind kind = Kind::kTls;
  std::string host;    ///< "kafka-1:9093"; empty: unknown.
  std::string why;     ///< In the words of librdkafka or OpenSSL.
  std::string advice;  ///< For the operator.

  friend bool operator==(const AccessTrouble&, const AccessTrouble&) = default;
};

/// "certificate", "tls", "login", "token", "rights".
[[nodiscard]] std::string_view ToText(AccessTrouble::Kind kind);

/// "WHY (HOST): ADVICE", for a line of its own.
[[nodiscard]] std::string Describe(const AccessTrouble& trouble);

/// librdkafka's text in parts.
//   text := ["[thrd:" name "]: "] [protocol "://" address ["/" node] ": "] words [" (after " … ")"]
struct ClientWords {
  std::string address;  ///< Empty: none.
  std::string words;
};
[[nodiscard]] ClientWords Split(std::string_view text);

/// The same without thread, state and protocol: "ADDRESS: WORDS".
[[nodiscard]] std::string Shortened(std::string_view text);

/// The trouble of which a line of librdkafka tells; nullopt: it tells of none. `code`: the error's
/// name, "_SSL", or a facility of its log, "FAIL".
[[nodiscard]] std::optional<AccessTrouble> FindAccessTrouble(std::string_view code,
                                                             std::string_view text);

/// Precondition: the certificate has an error.
[[nodiscard]] AccessTrouble RefusedCertificate(const ShownCertificate& certificate);

/// Advises on a failed TLS handshake or login. `words` are librdkafka's.
[[nodiscard]] std::string HandshakeAdvice(std::string_view words);
[[nodiscard]] std::string LoginAdvice(std::string_view words);

/// The key that names the authorities to trust.
inline constexpr std::string_view kCaSetting = "kafka.ssl.ca.location";

}  // namespace common::access
