#include "common/kafka/client_config.h"

#include <algorithm>
#include <array>
#include <string_view>

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
  Conf conf(rd_kafka_conf_new());
  for (const Properties* layer : layers) {
    for (const auto& [name, value] : *layer) {
      if (const auto mistake = Set(conf.get(), name, value)) {
        return Error{Remedy::kStop, "bad_property", *mistake};
      }
    }
  }
  return conf;
}

std::optional<std::string> FindPropertyMistake(const std::string& name, const std::string& value) {
  const Conf conf(rd_kafka_conf_new());
  return Set(conf.get(), name, value);
}

Result<Handle> NewProducer(Conf conf) { return NewClient(RD_KAFKA_PRODUCER, std::move(conf)); }
Result<Handle> NewConsumer(Conf conf) { return NewClient(RD_KAFKA_CONSUMER, std::move(conf)); }

}  // namespace common::kafka
