#include "common/kafka/token_refresh.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "common/base/backoff.h"
#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/kafka/handles.h"
#include "common/token/fetch_token.h"

namespace common::kafka {
namespace {

using ErrorText = std::array<char, 512>;

constexpr const char* kConfig = "sasl.oauthbearer.config";
/// The end of a client waits for it.
constexpr std::chrono::milliseconds kLimit{4'000};
constexpr Backoff kBackoff{.base = std::chrono::milliseconds(200),
                           .cap = std::chrono::milliseconds(1'000)};

std::optional<std::string> SetToken(rd_kafka_t* client, const token::TokenSettings& settings,
                                    const token::Token& token) {
  const auto extensions = token::ExtensionsIn(settings.extensions);
  std::vector<const char*> flat;
  for (const auto& [name, value] : extensions) {
    flat.push_back(name.c_str());
    flat.push_back(value.c_str());
  }
  const auto until =
      std::chrono::duration_cast<std::chrono::milliseconds>(token.valid_until.time_since_epoch());
  ErrorText error{};
  const rd_kafka_resp_err_t refused = rd_kafka_oauthbearer_set_token(
      client, token.value.c_str(), until.count(), settings.client_id.c_str(), flat.data(),
      flat.size(), error.data(), error.size());
  if (refused == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return "librdkafka refuses the token of " + settings.url + ": " + error.data();
}

Result<void> Renew(rd_kafka_t* client, const token::TokenSettings& settings, Deadline deadline) {
  const Result<token::Token> token = token::FetchToken(settings, deadline);
  if (!token) return token.error();
  if (const auto refused = SetToken(client, settings, *token)) {
    return Error{Remedy::kReject, "no_token", *refused};
  }
  return {};
}

// Tells of the first failure at once, so that whoever asks why no broker answers learns it, and
// tries on as long as that may help.
void OnRefresh(rd_kafka_t* client, const char* config, void* /*opaque*/) noexcept {
  const auto settings = token::Unpack(config == nullptr ? "" : config);
  if (!settings) {
    rd_kafka_oauthbearer_set_token_failure(client, "no token endpoint is set");
    return;
  }
  const Deadline deadline = Deadline::After(kLimit);
  for (int retry = 0;; ++retry) {
    const Result<void> renewed = Renew(client, *settings, deadline);
    if (renewed) return;
    constexpr double kNoJitter = 0.999;  // A handful of clients ask.
    const auto pause = kBackoff.Delay(retry, kNoJitter);
    const bool is_last = renewed.error().remedy != Remedy::kRetry || deadline.Remaining() <= pause;
    if (retry == 0 || is_last) {
      rd_kafka_oauthbearer_set_token_failure(client, renewed.error().detail.c_str());
    }
    if (is_last) return;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

std::optional<std::string> UseTokens(rd_kafka_conf_t* conf, const token::TokenSettings& settings) {
  ErrorText error{};
  if (rd_kafka_conf_set(conf, kConfig, token::Pack(settings).c_str(), error.data(), error.size()) !=
      RD_KAFKA_CONF_OK) {
    return error.data();
  }
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, &OnRefresh);
  rd_kafka_conf_enable_sasl_queue(conf, 1);
  return std::nullopt;
}

bool UsesTokens(const rd_kafka_conf_t* conf) {
  std::size_t size = 0;
  return rd_kafka_conf_get(conf, kConfig, nullptr, &size) == RD_KAFKA_CONF_OK && size > 1;
}

// Fails only for a client without SASL.
void ServeTokens(rd_kafka_t* client) {
  const ErrorHandle ignored(rd_kafka_sasl_background_callbacks_enable(client));
}

}  // namespace common::kafka
