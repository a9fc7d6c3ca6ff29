#include "ops/simulator/port_hold.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

namespace simulator {
namespace {

struct FreeAddress {
  void operator()(addrinfo* address) const { freeaddrinfo(address); }
};

std::uint16_t PortOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

common::Result<PortHold> PortHold::Reserve(const std::string& host, std::uint16_t port) {
  const common::Error refused{common::Remedy::kStop, "port",
                              "cannot hold port " + std::to_string(port) + " of " + host};
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return refused;
  const std::unique_ptr<addrinfo, FreeAddress> address(found);
  common::Fd socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!socket || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0) {
    return refused;
  }
  const std::uint16_t bound = PortOf(socket.get());
  return PortHold(std::move(socket), bound);
}

}  // namespace simulator
