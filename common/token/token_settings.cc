#include "common/token/token_settings.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/base/number.h"
#include "common/base/text.h"

namespace common::token {
namespace {

struct Key {
  std::string_view name;
  std::string TokenSettings::*member;
};

constexpr std::string_view kUrl = "sasl.oauthbearer.token.endpoint.url";
constexpr std::string_view kMethod = "sasl.oauthbearer.method";
constexpr std::array<Key, 6> kKeys = {
    Key{kUrl, &TokenSettings::url},
    Key{"sasl.oauthbearer.client.id", &TokenSettings::client_id},
    Key{"sasl.oauthbearer.client.secret", &TokenSettings::client_secret},
    Key{"sasl.oauthbearer.scope", &TokenSettings::scope},
    Key{"sasl.oauthbearer.extensions", &TokenSettings::extensions},
    Key{"https.ca.location", &TokenSettings::ca_file}};

}  // namespace

bool IsTokenProperty(std::string_view name) {
  return name == kMethod ||
         std::ranges::any_of(kKeys, [&](const Key& key) { return key.name == name; });
}

std::optional<std::string> FindTokenMistake(std::string_view name, const std::string& value) {
  if (name == kMethod && value != "oidc") {
    return "takes only `oidc`: a token from sasl.oauthbearer.token.endpoint.url";
  }
  if (name == kUrl && !value.starts_with("https://") && !value.starts_with("http://")) {
    return "must be an http or https URL";
  }
  return value.empty() ? std::optional<std::string>("must not be empty") : std::nullopt;
}

std::optional<TokenSettings> TokenSettingsIn(const std::map<std::string, std::string>& properties) {
  TokenSettings settings;
  for (const Key& key : kKeys) {
    const auto found = properties.find(std::string(key.name));
    if (found != properties.end()) settings.*key.member = found->second;
  }
  if (settings.url.empty()) return std::nullopt;
  return settings;
}

std::string Pack(const TokenSettings& settings) {
  std::string text;
  for (const Key& key : kKeys) {
    const std::string& value = settings.*key.member;
    text += std::to_string(value.size()) + ":" + value;
  }
  return text;
}

std::optional<TokenSettings> Unpack(std::string_view text) {
  TokenSettings settings;
  for (const Key& key : kKeys) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto size = ParseNumber<std::size_t>(std::string(text.substr(0, colon)));
    text.remove_prefix(colon + 1);
    if (!size || *size > text.size()) return std::nullopt;
    settings.*key.member = text.substr(0, *size);
    text.remove_prefix(*size);
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> ExtensionsIn(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> extensions;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    extensions.emplace_back(TrimAscii(part.substr(0, equals)), TrimAscii(part.substr(equals + 1)));
  }
  return extensions;
}

}  // namespace common::token
