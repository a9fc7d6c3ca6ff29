#include "common/http/outbox.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace common::http {
namespace {

constexpr std::size_t kCopiedBody = 4096;  // copying is cheaper than a second part

constexpr std::size_t kGoodPiece = std::size_t{64} * 1024;
constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

/// Bytes sent, 0 if the socket takes none now, -1 if the client is gone.
ssize_t SentOrGone(ssize_t result) {
  if (result >= 0) return result;
  return errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM ? 0 : -1;
}

ssize_t SendSome(int socket, std::string_view head, std::string_view body) {
  if (body.empty()) return SentOrGone(::send(socket, head.data(), head.size(), kFlags));
  std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                             iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return SentOrGone(::sendmsg(socket, &message, kFlags));
}

}  // namespace

Outbox::SendStatus Outbox::Send(int socket, std::string& head, std::string& body) {
  if (body.size() <= kCopiedBody) {
    head.append(body);
    body.clear();
  }
  const ssize_t result = SendSome(socket, head, body);
  if (result < 0) return SendStatus::kGone;
  const auto sent = static_cast<std::size_t>(result);
  if (sent == head.size() + body.size()) return SendStatus::kSent;
  if (sent < head.size()) {
    rest_.assign(head, sent).append(body);
    offset_ = 0;
  } else {
    rest_ = std::move(body);
    offset_ = sent - head.size();
  }
  NoteProgress();
  return SendStatus::kPartial;
}

Outbox::SendStatus Outbox::Flush(int socket) {
  const ssize_t sent = SendSome(socket, std::string_view(rest_).substr(offset_), {});
  if (sent < 0) return SendStatus::kGone;
  offset_ += static_cast<std::size_t>(sent);
  if (offset_ - progress_ >= kGoodPiece) NoteProgress();
  if (offset_ < rest_.size()) return SendStatus::kPartial;
  std::string().swap(rest_);
  return SendStatus::kSent;
}

void Outbox::NoteProgress() {
  progress_ = offset_;
  last_progress_ = std::chrono::steady_clock::now();
}

}  // namespace common::http
