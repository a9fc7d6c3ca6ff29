#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>

#include "common/base/text.h"

namespace tests {
namespace {

using Clock = std::chrono::steady_clock;

bool PollFor(int socket, short events, Clock::time_point end) {
  pollfd waiting{.fd = socket, .events = events, .revents = 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  return ::poll(&waiting, 1, static_cast<int>(std::max<long>(0, left.count()))) > 0;
}

common::Fd Connect(std::uint16_t port, const RawClientOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(options.host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, &freeaddrinfo);
  common::Fd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  if (options.receive_buffer > 0) {
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(int));
  }
  const int one = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (!options.source.empty()) {
    sockaddr_in source{};
    source.sin_family = AF_INET;
    if (::inet_pton(AF_INET, options.source.c_str(), &source.sin_addr) != 1 ||
        ::bind(socket.get(), reinterpret_cast<sockaddr*>(&source), sizeof source) != 0) {
      return {};
    }
  }
  if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) != 0) return {};
  return socket;
}

}  // namespace

std::string RawAnswer::Field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos &&
        common::EqualsIgnoringCase(line.substr(0, colon), name)) {
      return std::string(common::TrimAscii(line.substr(colon + 1)));
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, const RawClientOptions& options)
    : socket_(Connect(port, options)), is_closed_(!socket_) {}

bool RawClient::Send(std::string_view bytes, Milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (!bytes.empty()) {
    const std::size_t sent = SendSome(bytes);
    bytes.remove_prefix(sent);
    if (sent > 0) continue;
    if (errno != EAGAIN || !PollFor(socket_.get(), POLLOUT, end)) return false;
  }
  return true;
}

std::size_t RawClient::SendSome(std::string_view bytes) {
  const ssize_t sent =
      ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// Reads once. False if nothing more can arrive before `end`.
bool RawClient::Fill(Clock::time_point end) {
  if (is_closed_ || !PollFor(socket_.get(), POLLIN, end)) return false;
  char buffer[65536];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) {
    received_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  if (got == 0 || errno != EAGAIN) is_closed_ = true;
  return !is_closed_;
}

/// The length of the first answer in received_, if it is complete.
std::optional<std::size_t> RawClient::AnswerLength(bool head_only) const {
  const auto end_of_head = received_.find("\r\n\r\n");
  if (end_of_head == std::string::npos) return std::nullopt;
  const RawAnswer answer{.status = 0, .head = received_.substr(0, end_of_head), .body = {}};
  const std::string length = answer.Field("content-length");
  std::size_t body = 0;
  std::from_chars(length.data(), length.data() + length.size(), body);
  const std::size_t total = end_of_head + 4 + (head_only ? 0 : body);
  return received_.size() < total ? std::nullopt : std::optional(total);
}

std::optional<RawAnswer> RawClient::Read(Milliseconds limit, bool head_only) {
  const auto end = Clock::now() + limit;
  std::optional<std::size_t> length;
  while (!(length = AnswerLength(head_only))) {
    if (!Fill(end)) return std::nullopt;
  }
  const auto end_of_head = received_.find("\r\n\r\n");
  RawAnswer answer{.status = 0,
                   .head = received_.substr(0, end_of_head),
                   .body = received_.substr(end_of_head + 4, *length - end_of_head - 4)};
  const auto digits = answer.head.find(' ') + 1;
  std::from_chars(answer.head.data() + digits, answer.head.data() + answer.head.size(),
                  answer.status);
  received_.erase(0, *length);
  return answer;
}

std::string RawClient::ReadToEnd(Milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (Fill(end)) {
  }
  return std::exchange(received_, {});
}

bool RawClient::IsClosedWithin(Milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (Fill(end)) {
  }
  return is_closed_;
}

bool RawClient::HearsWithin(Milliseconds limit) {
  return is_closed_ || !received_.empty() || PollFor(socket_.get(), POLLIN, Clock::now() + limit);
}

void RawClient::HalfClose() { ::shutdown(socket_.get(), SHUT_WR); }

void RawClient::Abort() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  socket_.Reset();
}

std::string PostRequest(std::string_view path, std::string_view body, std::string_view fields) {
  std::string request("POST ");
  request.append(path).append(" HTTP/1.1\r\nHost: test\r\n").append(fields);
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

}  // namespace tests
