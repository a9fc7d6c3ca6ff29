#include "common/kafka/client_config.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

#include "common/kafka/classify_error.h"

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
      return "librdkafka " + std::string(rd_kafka_version_str()) + " knows no property '" + name +
             "'";
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  // librdkafka's own words contain the value.
  return IsSecret(name) ? "librdkafka refuses the value of '" + name + "'"
                        : std::string(error.data());
}

// rd_kafka_conf_properties_show() prints tables whose rows begin so:
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
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream(3) says so
  for (std::string row; std::getline(rows, row);) {
    if (auto scope = ScopeOfRow(row)) scopes.insert(*std::move(scope));
  }
  return scopes;
}

/// True also for what librdkafka does not list.
bool Concerns(rd_kafka_type_t type, const std::string& name) {
  static const std::map<std::string, char> scopes = ReadScopes();
  const auto found = scopes.find(name);
  return found == scopes.end() || found->second != (type == RD_KAFKA_PRODUCER ? 'C' : 'P');
}

template <typename Wanted>
Result<Conf> Layered(std::initializer_list<const Properties*> layers, Wanted&& is_wanted) {
  Conf conf(rd_kafka_conf_new());
  for (const Properties* layer : layers) {
    for (const auto& [name, value] : *layer) {
      if (!is_wanted(name)) continue;
      if (const auto mistake = Set(conf.get(), name, value)) {
        return Error{Remedy::kStop, "bad_property", *mistake};
      }
    }
  }
  return conf;
}

Result<Handle> NewClient(rd_kafka_type_t type, Conf conf) {
  ErrorText error{};
  // rd_kafka_new owns the configuration only if it succeeds.
  rd_kafka_t* const client = rd_kafka_new(type, conf.get(), error.data(), error.size());
  if (client == nullptr) return Error{Remedy::kStop, "client_refused", error.data()};
  static_cast<void>(conf.release());
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
  const Conf conf(rd_kafka_conf_new());
  return Set(conf.get(), name, value);
}

Result<Handle> NewProducer(Conf conf) { return NewClient(RD_KAFKA_PRODUCER, std::move(conf)); }
Result<Handle> NewConsumer(Conf conf) { return NewClient(RD_KAFKA_CONSUMER, std::move(conf)); }

}  // namespace common::kafka
