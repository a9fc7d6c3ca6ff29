#include "common/kafka/client_config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

#include "common/kafka/classify_error.h"
#include "common/kafka/token_refresh.h"
#include "common/token/token_settings.h"

namespace common::kafka {
namespace {

using ErrorText = std::array<char, 512>;

bool IsSecret(std::string_view name) {
  constexpr std::array<std::string_view, 5> kMarks = {"password", "secret", ".pem", "oauthbearer",
                                                      "username"};
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
    return name.find(mark) != std::string_view::npos;
  });
}

std::optional<std::string> Set(rd_kafka_conf_t* conf, const std::string& name,
                               const std::string& value) {
  ErrorText error{};
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size())) {
    case RD_KAFKA_CONF_OK:
      return std::nullopt;
    case RD_KAFKA_CONF_UNKNOWN:
      return "librdkafka " + std::string(rd_kafka_version_str()) + " has no property '" + name +
             "'";
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // librdkafka's message may contain the value.
  const std::string words = error.data();
  return IsSecret(name) && words.find(value) != std::string::npos
             ? "librdkafka rejects the value of '" + name + "'"
             : words;
}

/// librdkafka itself opens the file only when it creates a client.
std::optional<std::string> FindMissingFile(std::string_view name, const std::string& path) {
  constexpr std::array<std::string_view, 7> kFiles = {
      "ssl.ca.location",       "ssl.certificate.location", "ssl.key.location", "ssl.crl.location",
      "ssl.keystore.location", "sasl.kerberos.keytab",     "https.ca.location"};
  const bool is_file = std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end();
  const bool is_probe = name == "ssl.ca.location" && path == "probe";
  if (!is_file || is_probe || ::access(path.c_str(), R_OK) == 0) return std::nullopt;
  return "names an unreadable file: '" + path + "'";
}

bool HasFeature(std::string_view feature) {
  std::array<char, 1024> features{};
  std::size_t size = features.size();
  const Conf conf(rd_kafka_conf_new());
  if (rd_kafka_conf_get(conf.get(), "builtin.features", features.data(), &size) !=
      RD_KAFKA_CONF_OK) {
    return false;
  }
  return ("," + std::string(features.data()) + ",").find("," + std::string(feature) + ",") !=
         std::string::npos;
}

/// Reports a SASL mechanism that is unknown or missing in this build of librdkafka.
std::optional<std::string> FindMissingMechanism(std::string_view name, const std::string& wanted) {
  using Mechanism = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Mechanism, 5> kMechanisms = {
      Mechanism{"GSSAPI", "sasl_gssapi"}, Mechanism{"PLAIN", "sasl_plain"},
      Mechanism{"SCRAM-SHA-256", "sasl_scram"}, Mechanism{"SCRAM-SHA-512", "sasl_scram"},
      Mechanism{"OAUTHBEARER", "sasl_oauthbearer"}};
  if (name != "sasl.mechanism" && name != "sasl.mechanisms") return std::nullopt;
  std::string known;
  for (const auto& [mechanism, feature] : kMechanisms) {
    if (!HasFeature(feature)) continue;
    if (mechanism == wanted) return std::nullopt;
    known += (known.empty() ? "" : ", ") + std::string(mechanism);
  }
  return "librdkafka " + std::string(rd_kafka_version_str()) + " lacks the mechanism '" + wanted +
         "' in this build, only " + known;
}

// rd_kafka_conf_properties_show() prints tables with rows of this form:
//   row   := name blanks "|" blanks scope blanks "|" …
//   scope := "P" / "C" / "*"             ; producer, consumer, both
std::optional<std::pair<std::string, char>> ScopeOfRow(std::string_view row) {
  const auto bar = row.find('|');
  const auto blank = row.find(' ');
  if (bar == std::string_view::npos || blank == 0 || blank > bar) return std::nullopt;
  const auto scope = row.find_first_not_of(' ', bar + 1);
  if (scope == std::string_view::npos) return std::nullopt;
  return std::pair(std::string(row.substr(0, blank)), row[scope]);
}

std::map<std::string, char> ReadScopes() {
  std::map<std::string, char> scopes;
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const stream = ::open_memstream(&text, &size);
  if (stream == nullptr) return scopes;
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  std::istringstream rows(std::string(text, size));
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream(3) allocates it
  for (std::string row; std::getline(rows, row);) {
    if (auto scope = ScopeOfRow(row)) scopes.insert(*std::move(scope));
  }
  return scopes;
}

/// True if the property applies to this kind of client or librdkafka does not list it.
bool Concerns(rd_kafka_type_t type, const std::string& name) {
  static const std::map<std::string, char> scopes = ReadScopes();
  const auto found = scopes.find(name);
  return found == scopes.end() || found->second != (type == RD_KAFKA_PRODUCER ? 'C' : 'P');
}

template <typename Wanted>
Result<Conf> Layered(std::initializer_list<const Properties*> layers, Wanted&& is_wanted) {
  Conf conf(rd_kafka_conf_new());
  Properties of_tokens;
  for (const Properties* layer : layers) {
    for (const auto& [name, value] : *layer) {
      if (token::IsTokenProperty(name)) {
        of_tokens[name] = value;
        continue;
      }
      if (!is_wanted(name)) continue;
      if (const auto mistake = Set(conf.get(), name, value)) {
        return Error{Remedy::kStop, "bad_property", *mistake};
      }
    }
  }
  if (const auto settings = token::TokenSettingsIn(of_tokens)) {
    if (const auto mistake = UseTokens(conf.get(), *settings)) {
      return Error{Remedy::kStop, "bad_property", *mistake};
    }
  }
  return conf;
}

Result<Handle> NewClient(rd_kafka_type_t type, Conf conf) {
  ErrorText error{};
  const bool uses_tokens = UsesTokens(conf.get());
  // rd_kafka_new owns the configuration only if it succeeds.
  rd_kafka_t* const client = rd_kafka_new(type, conf.get(), error.data(), error.size());
  if (client == nullptr) return Error{Remedy::kStop, "client_refused", error.data()};
  static_cast<void>(conf.release());
  if (uses_tokens) ServeTokens(client);
  return Handle(client);
}

}  // namespace

Result<Conf> BuildConf(std::initializer_list<const Properties*> layers) {
  return Layered(layers, [](const std::string& /*name*/) { return true; });
}

Result<Conf> BuildConfOf(rd_kafka_type_t type, std::initializer_list<const Properties*> layers) {
  return Layered(layers, [type](const std::string& name) { return Concerns(type, name); });
}

std::optional<std::string> FindPropertyMistake(const std::string& name, const std::string& value) {
  if (token::IsTokenProperty(name)) {
    const auto mistake = token::FindTokenMistake(name, value);
    return mistake ? mistake : FindMissingFile(name, value);
  }
  const Conf conf(rd_kafka_conf_new());
  if (auto mistake = Set(conf.get(), name, value)) return mistake;
  if (auto missing = FindMissingFile(name, value)) return missing;
  return FindMissingMechanism(name, value);
}

Properties ClassicGroup() {
  const char* const name = "group.protocol";
  const char* const classic = "classic";
  if (FindPropertyMistake(name, classic)) return {};
  return {{name, classic}};
}

Result<Handle> NewProducer(Conf conf) { return NewClient(RD_KAFKA_PRODUCER, std::move(conf)); }
Result<Handle> NewConsumer(Conf conf) { return NewClient(RD_KAFKA_CONSUMER, std::move(conf)); }

}  // namespace common::kafka
