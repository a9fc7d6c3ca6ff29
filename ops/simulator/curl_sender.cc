#include "ops/simulator/curl_sender.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace simulator {
namespace {

using Clock = std::chrono::steady_clock;

template <typename List>
void Append(List& list, const char* field) {
  list.reset(curl_slist_append(list.release(), field));
}

std::size_t Discard(const char* /*data*/, std::size_t size, std::size_t count, void* /*user*/) {
  return size * count;
}

}  // namespace

struct CurlSender::Transfer {
  FieldList fields;  ///< None: those of every request.
  std::unique_ptr<CURL, EasyCleanup> easy{curl_easy_init()};
  std::uint64_t id = 0;
  std::string body;
  Clock::time_point sent;
};

CurlSender::CurlSender(const std::string& authorization, std::chrono::milliseconds timeout,
                       int connections)
    : timeout_(timeout), epoll_(::epoll_create1(EPOLL_CLOEXEC)), multi_(curl_multi_init()) {
  Append(fields_, "Content-Type: application/json");
  Append(fields_, "Expect:");
  if (!authorization.empty()) Append(fields_, ("Authorization: " + authorization).c_str());
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, WatchSocket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, SetTimer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

CurlSender::~CurlSender() {
  for (const auto& transfer : transfers_) {
    curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  }
}

int CurlSender::WatchSocket(CURL* /*easy*/, curl_socket_t socket, int what, void* self,
                            void* watched) noexcept {
  auto& sender = *static_cast<CurlSender*>(self);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(sender.epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{.events = 0, .data = {.fd = socket}};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  ::epoll_ctl(sender.epoll_.get(), watched == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket,
              &event);
  curl_multi_assign(sender.multi_.get(), socket, self);  // Not null: epoll watches the socket.
  return 0;
}

int CurlSender::SetTimer(CURLM* /*multi*/, long milliseconds, void* self) noexcept {
  static_cast<CurlSender*>(self)->timer_ =
      milliseconds < 0 ? Clock::time_point::max()
                       : Clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

CurlSender::Transfer& CurlSender::IdleTransfer() {
  if (idle_.empty()) {
    Transfer& transfer = *transfers_.emplace_back(std::make_unique<Transfer>());
    CURL* easy = transfer.easy.get();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Discard);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_.count()));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "assure-sim/" SLUICE_VERSION);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // Ignores the environment's proxy.
    return transfer;
  }
  Transfer& transfer = *idle_.back();
  idle_.pop_back();
  return transfer;
}

void CurlSender::Post(std::uint64_t id, const std::string& url, std::string body,
                      const std::vector<std::string>& fields) {
  Transfer& transfer = IdleTransfer();
  transfer.id = id;
  transfer.body = std::move(body);
  transfer.sent = Clock::now();
  CURL* easy = transfer.easy.get();
  FieldList all;
  if (!fields.empty()) {
    for (const curl_slist* field = fields_.get(); field != nullptr; field = field->next) {
      Append(all, field->data);
    }
    for (const std::string& field : fields) Append(all, field.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, all ? all.get() : fields_.get());
  transfer.fields = std::move(all);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(transfer.body.size()));
  curl_multi_add_handle(multi_.get(), easy);
  ++under_way_;
}

std::vector<SenderReply> CurlSender::Collect(common::Deadline deadline, int wake_fd) {
  std::vector<SenderReply> replies = Finished();
  if (!replies.empty()) return replies;
  WaitForSockets(deadline, wake_fd);
  return Finished();
}

void CurlSender::WaitForSockets(common::Deadline deadline, int wake_fd) {
  if (wake_fd != wake_fd_) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = wake_fd}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_fd, &event);
    wake_fd_ = wake_fd;
  }
  const common::Deadline until(std::min(deadline.at(), timer_));
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(until.Remaining().count()));
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    if (event.data.fd == wake_fd_) continue;
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    curl_multi_socket_action(multi_.get(), event.data.fd, what, &running);
  }
  if (Clock::now() >= timer_) {
    timer_ = Clock::time_point::max();
    curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
  }
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
