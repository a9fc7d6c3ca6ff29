#include "common/http/outbox.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace common::http {
namespace {

/// Bytes sent, 0 if the socket takes none now, -1 if the client is gone.
ssize_t SendSome(int socket, std::string_view head, std::string_view body) {
  std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                             iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = body.empty() ? 1 : 2;
  const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return sent;
  return errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM ? 0 : -1;
}

}  // namespace

Outbox::Outcome Outbox::Send(int socket, std::string_view head, std::string& body) {
  const ssize_t sent = SendSome(socket, head, body);
  if (sent < 0) return Outcome::kGone;
  sent_ = static_cast<std::size_t>(sent);
  if (sent_ == head.size() + body.size()) return Outcome::kSent;
  if (sent_ < head.size()) {
    rest_.assign(head.substr(sent_)).append(body);
    offset_ = 0;
  } else {
    rest_ = std::move(body);
    offset_ = sent_ - head.size();
  }
  return Outcome::kPartial;
}

Outbox::Outcome Outbox::Flush(int socket) {
  const ssize_t sent = SendSome(socket, std::string_view(rest_).substr(offset_), {});
  if (sent < 0) return Outcome::kGone;
  offset_ += static_cast<std::size_t>(sent);
  sent_ += static_cast<std::size_t>(sent);
  if (offset_ < rest_.size()) return Outcome::kPartial;
  Release();
  return Outcome::kSent;
}

void Outbox::Release() {
  std::string().swap(rest_);
  offset_ = 0;
}

}  // namespace common::http
