#include "ops/bench/load_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "common/base/number.h"

namespace bench {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::system_category().message(errno));
}

/// The size and status of an answer whose head is complete.
struct Head {
  std::size_t size = 0;
  int status = 0;
};
std::optional<Head> ReadHead(std::string_view received) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const auto status = common::ParseNumber<int>(received.substr(std::strlen("HTTP/1.1 "), 3));
  const auto length = received.find(kLength);
  if (!status || length >= end) throw std::runtime_error("an answer without status or length");
  const auto value = received.substr(length + kLength.size());
  const auto body = common::ParseNumber<std::size_t>(value.substr(0, value.find('\r')));
  if (!body) throw std::runtime_error("an answer with a strange length");
  return Head{.size = end + 4 + *body, .status = *status};
}

}  // namespace

LoadConnection::LoadConnection(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (!fd_ || ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    Fail("cannot connect to port " + std::to_string(port));
  }
}

void LoadConnection::Send(const Request& request, std::string_view bytes) {
  request_ = request;
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(bytes.size())) Fail("a request cannot be sent");
}

std::optional<LoadConnection::Answered> LoadConnection::Receive() {
  std::array<char, 4096> piece;  // NOLINT(*-member-init): filled by recv
  const ssize_t size = ::recv(fd_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
  if (size < 0) Fail("an answer cannot be read");
  if (size == 0) throw std::runtime_error("the server has closed a connection");
  received_.append(piece.data(), static_cast<std::size_t>(size));
  const auto head = ReadHead(received_);
  if (!head || received_.size() < head->size) return std::nullopt;
  received_.erase(0, head->size);
  return Answered{.request = request_, .status = head->status};
}

}  // namespace bench
