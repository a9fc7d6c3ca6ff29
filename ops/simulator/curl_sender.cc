#include "ops/simulator/curl_sender.h"

#include <utility>

namespace simulator {
namespace {

std::size_t Discard(const char* /*data*/, std::size_t size, std::size_t count, void* /*user*/) {
  return size * count;
}

}  // namespace

struct CurlSender::Transfer {
  std::unique_ptr<CURL, EasyCleanup> easy{curl_easy_init()};
  std::uint64_t id = 0;
  std::string body;
  std::chrono::steady_clock::time_point sent;
};

CurlSender::CurlSender(const std::string& authorization, std::chrono::milliseconds timeout,
                       int connections)
    : timeout_(timeout), multi_(curl_multi_init()) {
  const auto add = [&](const std::string& field) {
    fields_.reset(curl_slist_append(fields_.release(), field.c_str()));
  };
  add("Content-Type: application/json");
  add("Expect:");
  if (!authorization.empty()) add("Authorization: " + authorization);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
}

CurlSender::~CurlSender() {
  for (const auto& transfer : transfers_) {
    curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  }
}

CurlSender::Transfer& CurlSender::IdleTransfer() {
  if (idle_.empty()) {
    Transfer& transfer = *transfers_.emplace_back(std::make_unique<Transfer>());
    CURL* easy = transfer.easy.get();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Discard);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_.count()));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "assure-sim/" SLUICE_VERSION);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // Whatever the environment says.
    return transfer;
  }
  Transfer& transfer = *idle_.back();
  idle_.pop_back();
  return transfer;
}

void CurlSender::Post(std::uint64_t id, const std::string& url, std::string body) {
  Transfer& transfer = IdleTransfer();
  transfer.id = id;
  transfer.body = std::move(body);
  transfer.sent = std::chrono::steady_clock::now();
  CURL* easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(transfer.body.size()));
  curl_multi_add_handle(multi_.get(), easy);
  ++under_way_;
}

std::vector<SenderReply> CurlSender::Collect(common::Deadline deadline, int wake_fd) {
  int running = 0;
  curl_multi_perform(multi_.get(), &running);
  std::vector<SenderReply> replies = Finished();
  if (!replies.empty()) return replies;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  curl_multi_poll(multi_.get(), &wake, 1, static_cast<int>(deadline.Remaining().count()), nullptr);
  curl_multi_perform(multi_.get(), &running);
  return Finished();
}

std::vector<SenderReply> CurlSender::Finished() {
  std::vector<SenderReply> replies;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const bool is_whole = message->data.result == CURLE_OK;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    long status = 0;
    if (is_whole) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi_.get(), easy);
    replies.push_back({transfer->id, static_cast<int>(status), transfer->sent});
    idle_.push_back(transfer);
    --under_way_;
  }
  return replies;
}

}  // namespace simulator
