#include "ops/bench/bare_fetches.h"

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

std::size_t Append(char* bytes, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(bytes, size);
  return size;
}

std::string TokenOf(const std::string& url) {
  const Easy easy(curl_easy_init());
  curl_easy_setopt(easy.get(), CURLOPT_USERPWD, "bench:secret");
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, "grant_type=client_credentials");
  const std::string answer = Ask(easy.get(), url + "/auth/open/connect/token");
  constexpr std::string_view kName = R"("access_token":")";
  const std::size_t begin = answer.find(kName);
  if (begin == std::string::npos) throw std::runtime_error("no token");
  const std::size_t from = begin + kName.size();
  return answer.substr(from, answer.find('"', from) - from);
}

}  // namespace

std::string Ask(CURL* easy, const std::string& url) {
  std::string body;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(code));
  return body;
}

BareFetches::BareFetches(const std::string& url, std::size_t concurrency)
    : base_(url + "/assure/dossiers/"), multi_(curl_multi_init()), transfers_(concurrency) {
  fields_ = curl_slist_append(nullptr, ("Authorization: Bearer " + TokenOf(url)).c_str());
  fields_ = curl_slist_append(fields_, "Accept: application/json");
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(concurrency));
  for (Transfer& transfer : transfers_) {
    Prepare(transfer);
    idle_.push_back(&transfer);
  }
}

BareFetches::~BareFetches() {
  for (const Transfer& transfer : transfers_) {
    curl_multi_remove_handle(multi_, transfer.easy.get());
  }
  curl_multi_cleanup(multi_);
  curl_slist_free_all(fields_);
}

void BareFetches::Prepare(Transfer& transfer) {
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10'000L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer.body);
}

void BareFetches::Start(std::uint64_t number, std::string_view dossier, std::string_view process) {
  Transfer& transfer = *idle_.back();
  idle_.pop_back();
  transfer.fetched.number = number;
  transfer.dossier_url = base_;
  transfer.dossier_url.append(dossier);
  transfer.is_process = true;
  Ask(transfer, std::string(transfer.dossier_url).append("/processes/").append(process));
}

void BareFetches::Ask(Transfer& transfer, const std::string& url) {
  transfer.body.clear();
  curl_easy_setopt(transfer.easy.get(), CURLOPT_URL, url.c_str());
  curl_multi_add_handle(multi_, transfer.easy.get());
}

std::vector<BareFetches::Fetched> BareFetches::Await(std::chrono::milliseconds patience,
                                                     int wake_fd) {
  std::vector<Fetched> complete;
  int running = 0;
  curl_multi_perform(multi_, &running);
  Collect(complete);
  if (!complete.empty()) return complete;
  curl_waitfd wake{.fd = wake_fd, .events = CURL_WAIT_POLLIN, .revents = 0};
  curl_multi_poll(multi_, &wake, wake_fd < 0 ? 0 : 1, static_cast<int>(patience.count()), nullptr);
  return complete;
}

void BareFetches::Collect(std::vector<Fetched>& complete) {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CURL* const easy = message->easy_handle;
    long status = 0;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (code != CURLE_OK || status != 200 || transfer->body.empty()) {
      throw std::runtime_error("an answer is not 200");
    }
    curl_multi_remove_handle(multi_, easy);
    if (std::exchange(transfer->is_process, false)) {
      transfer->fetched.process = std::move(transfer->body);
      Ask(*transfer, transfer->dossier_url);
    } else {
      transfer->fetched.dossier = std::move(transfer->body);
      complete.push_back(std::exchange(transfer->fetched, {}));
      idle_.push_back(transfer);
    }
  }
}

}  // namespace bench
