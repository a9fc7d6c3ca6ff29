#include "ops/ctl/instances/probe.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <utility>

#include "ops/ctl/http/curl.h"

namespace ctl {
namespace {

constexpr std::size_t kMaxBody = std::size_t{1024} * 1024;
constexpr int kPollMs = 100;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// One GET. Its address must not change: curl writes into it.
struct Get {
  ProbeAnswer answer;
  CurlError error{};
  CurlEasy easy{curl_easy_init()};

  Get(const std::string& url, std::chrono::milliseconds limit) {
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, error.data());
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &KeepBody<kMaxBody>);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(easy.get(), CURLOPT_PRIVATE, this);
  }
  Get(const Get&) = delete;
  Get& operator=(const Get&) = delete;
  ~Get() = default;

  void End(CURLcode code) {
    if (code != CURLE_OK) {
      answer.error = CurlErrorText(code, error);
      return;
    }
    answer.status = StatusOf(easy.get());
  }
};

void RemoveEnded(CURLM* multi) {
  int rest = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &rest)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* get = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &get);
    reinterpret_cast<Get*>(get)->End(message->data.result);
  }
}

}  // namespace

std::vector<ProbeAnswer> Probe(const std::vector<std::string>& urls,
                               std::chrono::milliseconds limit) {
  const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
  std::deque<Get> gets;
  for (const std::string& url : urls) {
    curl_multi_add_handle(multi.get(), gets.emplace_back(url, limit).easy.get());
  }
  int running = 0;
  do {
    curl_multi_perform(multi.get(), &running);
    RemoveEnded(multi.get());
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
  } while (running > 0);  // Every GET has a time limit.
  std::vector<ProbeAnswer> answers;
  for (Get& get : gets) {
    curl_multi_remove_handle(multi.get(), get.easy.get());
    answers.push_back(std::move(get.answer));
  }
  return answers;
}

}  // namespace ctl
