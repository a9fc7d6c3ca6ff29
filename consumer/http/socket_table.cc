#include "consumer/http/socket_table.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace consumer {
namespace {

long PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// As libcurl writes it.
std::string TextOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address.ss_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
          : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  const char* const written = inet_ntop(address.ss_family, bytes, text.data(), text.size());
  return written == nullptr ? "" : written;
}

std::optional<SocketTable::Ends> EndsOf(curl_socket_t fd) {
  sockaddr_storage local{};
  sockaddr_storage peer{};
  socklen_t size = sizeof local;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) return std::nullopt;
  size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return std::nullopt;
  return SocketTable::Ends{
      .peer = TextOf(peer), .peer_port = PortOf(peer), .local_port = PortOf(local)};
}

}  // namespace

void SocketTable::AttachTo(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &SocketTable::Open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &SocketTable::Close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

std::uint64_t SocketTable::Find(const Ends& ends) {
  for (auto& [number, socket] : sockets_) {
    if (!socket.ends) socket.ends = EndsOf(socket.fd);
    if (socket.ends == ends) return number;
  }
  return 0;
}

bool SocketTable::HasSurplus(std::uint64_t connection) const {
  const auto socket = sockets_.find(connection);
  if (socket == sockets_.end() || !socket->second.must_be_quiet) return false;
  pollfd polled{.fd = socket->second.fd, .events = POLLIN, .revents = 0};
  return poll(&polled, 1, 0) > 0;
}

void SocketTable::Answered(std::uint64_t connection, bool is_http1) {
  const auto socket = sockets_.find(connection);
  if (socket != sockets_.end()) socket->second.must_be_quiet = is_http1;
}

void SocketTable::Shut(std::uint64_t connection) const {
  const auto socket = sockets_.find(connection);
  if (socket != sockets_.end()) shutdown(socket->second.fd, SHUT_RDWR);
}

curl_socket_t SocketTable::Open(void* self, curlsocktype /*purpose*/,
                                curl_sockaddr* address) noexcept {
  auto& table = *static_cast<SocketTable*>(self);
  const curl_socket_t fd =
      ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd != CURL_SOCKET_BAD) table.sockets_[++table.last_] = {.fd = fd};
  return fd;
}

int SocketTable::Close(void* self, curl_socket_t fd) noexcept {
  auto& sockets = static_cast<SocketTable*>(self)->sockets_;
  std::erase_if(sockets, [fd](const auto& entry) { return entry.second.fd == fd; });
  return ::close(fd);
}

}  // namespace consumer
