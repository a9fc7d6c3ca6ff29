#include "ops/ctl/send/http_post.h"

#include <curl/curl.h>

#include <initializer_list>
#include <utility>

#include "ops/ctl/http/curl.h"

namespace ctl {
namespace {

using common::Error;
using common::Remedy;
using common::Result;

constexpr std::size_t kMaxBody = 4096;

}  // namespace

struct HttpPost::Curl {
  CurlEasy easy{curl_easy_init()};
  std::vector<HttpField> fields;
  CurlError error{};
  std::string url;
};

HttpPost::HttpPost(std::string url, const std::string& authorization)
    : curl_(std::make_unique<Curl>()) {
  constexpr long kTimeoutMs = 15'000;
  curl_->url = std::move(url);
  curl_->fields.emplace_back("Content-Type", "application/json");
  if (!authorization.empty()) curl_->fields.emplace_back("Authorization", authorization);
  CURL* const easy = curl_->easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, curl_->url.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_->error.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &KeepBody<kMaxBody>);
}

HttpPost::~HttpPost() = default;

Result<PostAnswer> HttpPost::Send(const std::string& body, const std::vector<HttpField>& more) {
  PostAnswer answer;
  CURL* const easy = curl_->easy.get();
  curl_slist* list = nullptr;
  using Fields = std::vector<HttpField>;
  for (const Fields* fields : std::initializer_list<const Fields*>{&curl_->fields, &more}) {
    for (const auto& [name, value] : *fields) {
      std::string line = name;
      line.append(": ").append(value);
      list = curl_slist_append(list, line.c_str());
    }
  }
  const CurlFields owner(list);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
  curl_->error[0] = '\0';
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    return Error{Remedy::kRetry, "no_answer", CurlErrorText(code, curl_->error)};
  }
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  answer.status = StatusOf(easy);
  answer.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds(microseconds));
  return answer;
}

}  // namespace ctl
