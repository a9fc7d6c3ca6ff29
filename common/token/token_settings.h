#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace common::token {

/// How Kafka's clients get their tokens (RFC 6749, client credentials). The keys are librdkafka's,
/// but librdkafka does not see them: Debian 12's is built without OIDC.
struct TokenSettings {
  std::string url;            ///< sasl.oauthbearer.token.endpoint.url
  std::string client_id;      ///< sasl.oauthbearer.client.id
  std::string client_secret;  ///< sasl.oauthbearer.client.secret
  std::string scope;          ///< sasl.oauthbearer.scope
  std::string extensions;  ///< sasl.oauthbearer.extensions: "name=value,name=value", for the broker
  std::string ca_file;     ///< https.ca.location: the authorities of the server

  friend bool operator==(const TokenSettings&, const TokenSettings&) = default;
};

/// True for these keys, and for sasl.oauthbearer.method, whose one value is `oidc`.
[[nodiscard]] bool IsTokenProperty(std::string_view name);

/// Finds the mistake in a value of such a key, and never quotes the value.
[[nodiscard]] std::optional<std::string> FindTokenMistake(std::string_view name,
                                                          const std::string& value);

/// Empty without an URL.
[[nodiscard]] std::optional<TokenSettings> TokenSettingsIn(
    const std::map<std::string, std::string>& properties);

/// The settings as one text, which librdkafka carries to where a token is wanted, and back.
//   text  := value*        ; in the order of the members
//   value := size ":" bytes
[[nodiscard]] std::string Pack(const TokenSettings& settings);
[[nodiscard]] std::optional<TokenSettings> Unpack(std::string_view text);

/// "name=value,name=value" in parts; parts without "=" are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> ExtensionsIn(std::string_view text);

}  // namespace common::token
