#include "common/token/fetch_token.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "common/domain/assure_request.h"
#include "common/json/api_answer.h"
#include "common/json/fields.h"

namespace common::token {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostBytes = 64UL * 1024;
constexpr milliseconds kAttempt{2'500};
/// RFC 6749 recommends `expires_in` and does not require it.
constexpr std::chrono::seconds kLifeIfUnsaid{300};

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeFields {
  void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
};

struct Reply {
  int status = 0;  ///< 0: no answer.
  std::string body;
  std::string error;
};

/// Accepts less than offered to end an answer over the bound.
std::size_t Keep(const char* bytes, std::size_t /*one*/, std::size_t size, void* body) noexcept {
  auto& kept = *static_cast<std::string*>(body);
  const std::size_t taken = std::min(size, kMostBytes - kept.size());
  kept.append(bytes, taken);
  return taken;
}

Reply Ask(const AssureRequest& request, const std::string& ca_file, milliseconds limit) {
  Reply reply;
  reply.body.reserve(kMostBytes);  // Keep(), which libcurl calls, must not throw.
  const std::unique_ptr<CURL, FreeEasy> owned(curl_easy_init());
  CURL* const easy = owned.get();
  if (easy == nullptr) return {.status = 0, .body = {}, .error = "libcurl has no memory"};
  std::unique_ptr<curl_slist, FreeFields> fields;
  for (const auto& [name, value] : request.fields) {
    const std::string field = std::string(name).append(": ").append(value);
    fields.reset(curl_slist_append(fields.release(), field.c_str()));
  }
  std::array<char, CURL_ERROR_SIZE> why{};
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // Else it waits for a resolver.
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Keep);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // The secret is for this host alone.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // Else the system's are trusted, too.
  }
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    reply.error = why[0] != '\0' ? why.data() : curl_easy_strerror(code);
    return reply;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

bool MayBeOtherLater(int status) {
  return status == 0 || status == 408 || status == 429 || status >= 500;
}

/// "invalid_client"; empty if there is none that a log may have (RFC 6749, 5.2).
std::string OAuthErrorIn(std::string_view body) {
  constexpr std::size_t kMost = 64;
  std::array<json::Field, 1> fields = {{{"error"}}};
  if (!json::ReadFields(body, fields) || fields[0].kind != json::Field::Kind::kText) return "";
  const std::string& error = fields[0].value;
  const bool is_word = std::ranges::all_of(error, [](char c) { return c > ' ' && c <= '~'; });
  return is_word && error.size() <= kMost ? error : "";
}

std::string WhyNone(const TokenSettings& settings, const Reply& reply) {
  if (reply.status == 0) return settings.url + " does not answer: " + reply.error;
  if (reply.status == 200) return settings.url + " answers 200 without an access_token";
  const std::string error = OAuthErrorIn(reply.body);
  return settings.url + " answers " + std::to_string(reply.status) +
         (error.empty() ? "" : " " + error);
}

}  // namespace

Result<Token> FetchToken(const TokenSettings& settings, Deadline deadline) {
  const AssureRequest request = TokenRequest({.base_url = {},
                                              .token_url = settings.url,
                                              .client_id = settings.client_id,
                                              .client_secret = settings.client_secret,
                                              .scope = settings.scope,
                                              .ca_file = {}});
  const auto asked_at = std::chrono::system_clock::now();
  const Reply reply = Ask(request, settings.ca_file, std::min(kAttempt, deadline.Remaining()));
  auto answer = reply.status == 200 ? json::ReadTokenAnswer(reply.body) : std::nullopt;
  if (!answer) {
    return Error{MayBeOtherLater(reply.status) ? Remedy::kRetry : Remedy::kReject, "no_token",
                 WhyNone(settings, reply)};
  }
  return Token{std::move(answer->access_token),
               asked_at + answer->expires_in.value_or(kLifeIfUnsaid)};
}

}  // namespace common::token
