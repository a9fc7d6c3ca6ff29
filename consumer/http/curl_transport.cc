#include "consumer/http/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <new>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "consumer/http/connection_trust.h"
#include "consumer/http/curl_transfer.h"
#include "consumer/http/socket_table.h"

namespace consumer {
namespace {

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

class CurlTransport::Impl {
 public:
  explicit Impl(CurlSettings settings);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Start(HttpRequest request);
  void Cancel(std::uint64_t id);
  void CloseConnection(std::uint64_t connection) const { sockets_.Shut(connection); }
  std::vector<HttpReply> Collect();
  void Wait(std::span<const int> extra_fds, std::chrono::milliseconds timeout);

 private:
  using Transfer = std::unique_ptr<CurlTransfer>;

  /// What accounts do not share.
  struct Account {
    AnswerBudget budget;
    ConnectionTrust trust = {};
    std::vector<Transfer> idle = {};
  };

  void Perform();
  /// False if the request has ended for good.
  bool StartAgain(CurlTransfer& done, CURLcode code);
  void ChooseConnections(CurlTransfer& transfer) const;
  void LearnFrom(const CurlTransfer& done, TransportFault fault);
  /// Removes the transfer from the multi handle and keeps it for another request.
  void Retire(Transfer transfer);

  const CurlSettings settings_;
  // Before the multi handle: since 8.13 libcurl closes sockets through the table while that is freed.
  SocketTable sockets_;
  const std::unique_ptr<CURLM, FreeMulti> multi_;
  std::deque<Account> accounts_;  ///< A deque: transfers refer to the budgets.
  std::unordered_map<std::uint64_t, Transfer> under_way_;
  std::vector<HttpReply> replies_;
  std::set<std::string> uncoded_;   ///< Origins that send invalid codings.
  std::vector<curl_waitfd> extra_;  ///< Reused by each Wait().
};

CurlTransport::Impl::Impl(CurlSettings settings)
    : settings_(std::move(settings)), multi_(curl_multi_init()) {
  if (!multi_) throw std::bad_alloc();
  for (std::size_t i = 0; i <= settings_.more_ca_files.size(); ++i) {
    accounts_.push_back({.budget = AnswerBudget(settings_.max_bytes)});
  }
  // Also one request at a time on an HTTP/2 connection: when many share one, libcurl 7.88 sometimes
  // leaves received answers unread until their requests time out.
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_CONCURRENT_STREAMS, 1L);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<long>(settings_.max_connections));
}

CurlTransport::Impl::~Impl() {
  for (const auto& [id, transfer] : under_way_) {
    curl_multi_remove_handle(multi_.get(), transfer->easy());
  }
}

void CurlTransport::Impl::Start(HttpRequest request) {
  const std::uint64_t id = request.id;
  Account& account = accounts_.at(request.account);
  Transfer transfer;
  if (account.idle.empty()) {
    transfer = std::make_unique<CurlTransfer>(account.budget, sockets_);
  } else {
    transfer = std::move(account.idle.back());
    account.idle.pop_back();
  }
  transfer->Prepare(std::move(request), settings_);
  if (uncoded_.contains(transfer->origin())) transfer->AskUncoded();
  ChooseConnections(*transfer);
  if (curl_multi_add_handle(multi_.get(), transfer->easy()) != CURLM_OK) {
    replies_.push_back(transfer->Conclude(CURLE_FAILED_INIT));
    return;
  }
  under_way_[id] = std::move(transfer);
}

void CurlTransport::Impl::Cancel(std::uint64_t id) {
  std::erase_if(replies_, [&](const HttpReply& reply) {
    if (reply.id != id) return false;
    accounts_[reply.account].budget.Return(reply.body.size());
    return true;
  });
  if (auto transfer = under_way_.extract(id)) {
    transfer.mapped()->Abandon();
    Retire(std::move(transfer.mapped()));
  }
}

std::vector<HttpReply> CurlTransport::Impl::Collect() {
  for (const HttpReply& reply : replies_) {
    accounts_[reply.account].budget.Return(reply.body.size());
  }
  return std::exchange(replies_, {});
}

void CurlTransport::Impl::Wait(std::span<const int> extra_fds, std::chrono::milliseconds timeout) {
  extra_.clear();
  for (const int fd : extra_fds) {
    extra_.push_back({.fd = fd, .events = CURL_WAIT_POLLIN, .revents = 0});
  }
  const auto milliseconds =
      replies_.empty() ? std::clamp<std::int64_t>(timeout.count(), 0, 60'000) : 0;
  // Returns at once for a request that was just added: libcurl sets an expired timer for it.
  curl_multi_poll(multi_.get(), extra_.data(), static_cast<unsigned>(extra_.size()),
                  static_cast<int>(milliseconds), nullptr);
  Perform();
}

void CurlTransport::Impl::Perform() {
  int running = 0;
  curl_multi_perform(multi_.get(), &running);
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // Removing the handle invalidates `message`.
    CurlTransfer* done = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
    if (StartAgain(*done, code)) continue;
    auto transfer = under_way_.extract(done->request_id());
    replies_.push_back(done->Conclude(code));
    LearnFrom(*done, replies_.back().fault);
    Retire(std::move(transfer.mapped()));
  }
}

bool CurlTransport::Impl::StartAgain(CurlTransfer& done, CURLcode code) {
  const auto repetition = done.NeededRepetition(code);
  if (repetition == CurlTransfer::Repetition::kNone) return false;
  curl_multi_remove_handle(multi_.get(), done.easy());
  done.Repeat(repetition);
  if (repetition == CurlTransfer::Repetition::kUncoded) uncoded_.insert(done.origin());
  return curl_multi_add_handle(multi_.get(), done.easy()) == CURLM_OK;
}

void CurlTransport::Impl::ChooseConnections(CurlTransfer& transfer) const {
  const ConnectionTrust& trust = accounts_[transfer.account()].trust;
  const auto now = std::chrono::steady_clock::now();
  auto oldest = now;
  if (trust.IsInDoubt(now)) {
    for (const auto& [id, other] : under_way_) {
      if (other->account() == transfer.account()) oldest = std::min(oldest, other->started());
    }
  }
  transfer.UseConnections(trust.MustBeNew(oldest), trust.MaxAge(now));
}

void CurlTransport::Impl::LearnFrom(const CurlTransfer& done, TransportFault fault) {
  const auto now = std::chrono::steady_clock::now();
  ConnectionTrust& trust = accounts_[done.account()].trust;
  if (fault == TransportFault::kNone) trust.Answered(done.connection(), now);
  if (fault == TransportFault::kBroken && done.is_uncoded()) uncoded_.erase(done.origin());
  if (fault == TransportFault::kTimeout) trust.TimedOut(done.connection(), done.started(), now);
}

void CurlTransport::Impl::Retire(Transfer transfer) {
  curl_multi_remove_handle(multi_.get(), transfer->easy());
  accounts_[transfer->account()].idle.push_back(std::move(transfer));
}

CurlTransport::CurlTransport(CurlSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}
CurlTransport::~CurlTransport() = default;

void CurlTransport::Start(HttpRequest request) { impl_->Start(std::move(request)); }
void CurlTransport::Cancel(std::uint64_t id) { impl_->Cancel(id); }
void CurlTransport::CloseConnection(std::uint64_t connection) {
  impl_->CloseConnection(connection);
}
std::vector<HttpReply> CurlTransport::Collect() { return impl_->Collect(); }
void CurlTransport::Wait(std::span<const int> extra_fds, std::chrono::milliseconds timeout) {
  impl_->Wait(extra_fds, timeout);
}

}  // namespace consumer
