#include "consumer/fetch/assure_requests.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace consumer {
namespace {

using common::PercentEncode;

constexpr std::size_t kMaxTokenResponse = 64UL * 1024;

HttpRequest MakeTokenRequest(const FetchSettings& settings) {
  const std::string credentials =
      PercentEncode(settings.client_id) + ":" + PercentEncode(settings.client_secret);
  std::string form = "grant_type=client_credentials";
  if (!settings.scope.empty()) form += "&scope=" + PercentEncode(settings.scope);
  HttpRequest request;
  request.method = "POST";
  request.url = settings.token_url;
  request.fields = {{"Authorization", "Basic " + Base64(credentials)},
                    {"Content-Type", "application/x-www-form-urlencoded"},
                    {"Accept", "application/json"}};
  request.body = std::move(form);
  request.timeout = settings.timeout;
  request.max_response = kMaxTokenResponse;
  return request;
}

bool IsStep(const std::string& segment) { return segment == "." || segment == ".."; }

}  // namespace

AssureRequests::AssureRequests(const FetchSettings& settings)
    : base_url_(settings.base_url),
      token_request_(MakeTokenRequest(settings)),
      timeout_(settings.timeout),
      max_response_(settings.max_response) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

HttpRequest AssureRequests::Process(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const {
  return Get(id,
             base_url_ + "/dossiers/" + PercentEncode(job.dossier.str()) + "/processes/" +
                 PercentEncode(job.process.str()),
             token);
}

HttpRequest AssureRequests::Dossier(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const {
  return Get(id, base_url_ + "/dossiers/" + PercentEncode(job.dossier.str()), token);
}

HttpRequest AssureRequests::Token(std::uint64_t id) const {
  HttpRequest request = token_request_;
  request.id = id;
  return request;
}

HttpRequest AssureRequests::Get(std::uint64_t id, std::string url, const std::string& token) const {
  HttpRequest request;
  request.id = id;
  request.url = std::move(url);
  request.fields = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}};
  request.timeout = timeout_;
  request.max_response = max_response_;
  return request;
}

bool IsAddressable(const FetchJob& job) {
  return !IsStep(job.dossier.str()) && !IsStep(job.process.str());
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63] : '=');
    }
  }
  return text;
}

}  // namespace consumer
