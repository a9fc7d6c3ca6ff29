#include "consumer/fetch/assure_requests.h"

#include <utility>

#include "common/base/text.h"
#include "common/domain/assure_request.h"

namespace consumer {
namespace {

constexpr std::size_t kMaxTokenResponse = 64UL * 1024;

HttpRequest RequestOf(common::AssureRequest asked) {
  HttpRequest request;
  request.method = std::move(asked.method);
  request.url = std::move(asked.url);
  request.fields = std::move(asked.fields);
  request.body = std::move(asked.body);
  return request;
}

HttpRequest MakeTokenRequest(const FetchSettings& settings) {
  HttpRequest request = RequestOf(common::TokenRequest({.base_url = settings.base_url,
                                                        .token_url = settings.token_url,
                                                        .client_id = settings.client_id,
                                                        .client_secret = settings.client_secret,
                                                        .scope = settings.scope,
                                                        .ca_file = {}}));
  request.timeout = settings.timeout;
  request.max_response = kMaxTokenResponse;
  return request;
}

}  // namespace

AssureRequests::AssureRequests(const FetchSettings& settings)
    : base_url_(settings.base_url),
      token_request_(MakeTokenRequest(settings)),
      timeout_(settings.timeout),
      max_response_(settings.max_response) {}

HttpRequest AssureRequests::Process(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const {
  return Get(id,
             common::DossierUrl(base_url_, job.dossier) + "/processes/" +
                 common::PercentEncode(job.process.str()),
             token);
}

HttpRequest AssureRequests::Dossier(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const {
  return Get(id, common::DossierUrl(base_url_, job.dossier), token);
}

HttpRequest AssureRequests::Token(std::uint64_t id) const {
  HttpRequest request = token_request_;
  request.id = id;
  return request;
}

HttpRequest AssureRequests::Get(std::uint64_t id, std::string url, const std::string& token) const {
  HttpRequest request = RequestOf(common::ResourceRequest("GET", std::move(url), token));
  request.id = id;
  request.timeout = timeout_;
  request.max_response = max_response_;
  return request;
}

bool IsAddressable(const FetchJob& job) {
  return common::CanStandInUrl(job.dossier.str()) && common::CanStandInUrl(job.process.str());
}

}  // namespace consumer
