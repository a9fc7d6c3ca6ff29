#include "common/http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace common::http {
namespace {

constexpr int kBacklog = 4096;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error Failure(std::string_view what, const std::string& host, std::uint16_t port, int error) {
  return Error{Remedy::kStop, "listen_failed",
               std::string(what) + " " + host + " port " + std::to_string(port) + ": " +
                   std::system_category().message(error)};
}

Addresses Resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    found = nullptr;
  }
  return {found, &freeaddrinfo};
}

bool Enable(const Fd& socket, int level, int option, int value = 1) {
  return setsockopt(socket.get(), level, option, &value, sizeof value) == 0;
}

}  // namespace

Result<Fd> Bind(const std::string& host, std::uint16_t port, PortSharing sharing) {
  const Addresses addresses = Resolve(host, port);
  if (!addresses) return Failure("not an address:", host, port, EINVAL);
  const addrinfo& address = *addresses;
  Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool ready =
      socket && Enable(socket, SOL_SOCKET, SO_REUSEADDR) &&
      (sharing == PortSharing::kAlone || Enable(socket, SOL_SOCKET, SO_REUSEPORT)) &&
      (address.ai_family != AF_INET6 || Enable(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)) &&
      Enable(socket, IPPROTO_TCP, TCP_NODELAY) &&
      ::bind(socket.get(), address.ai_addr, address.ai_addrlen) == 0;
  if (!ready) return Failure("cannot bind", host, port, errno);
  return socket;
}

Result<void> Listen(const Fd& socket) {
  if (::listen(socket.get(), kBacklog) == 0) return {};
  return Failure("cannot listen on", "", PortOf(socket), errno);
}

Result<void> CheckPortIsFree(const std::string& host, std::uint16_t port) {
  const auto socket = Bind(host, port, PortSharing::kAlone);
  if (!socket) return socket.error();
  return {};
}

std::uint16_t PortOf(const Fd& listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

Accepted Accept(const Fd& listener) {
  Fd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) return {AcceptOutcome::kAccepted, std::move(socket)};
  switch (errno) {
    case EAGAIN:
      return {AcceptOutcome::kNothing, {}};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return {AcceptOutcome::kNoResource, {}};
    default:  // of the connection, not of the listener: ECONNABORTED and accept(2)'s network errors
      return {AcceptOutcome::kRetry, {}};
  }
}

}  // namespace common::http
