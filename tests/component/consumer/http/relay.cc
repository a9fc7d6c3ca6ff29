#include "tests/component/consumer/http/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

namespace consumer {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// False once the sender has ended.
bool PassOn(int from, int to, bool is_stalled) {
  std::array<char, 16'384> bytes{};
  const ssize_t size = recv(from, bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  for (ssize_t sent = 0; sent < size && !is_stalled;) {
    const ssize_t more =
        send(to, bytes.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += more;
  }
  return true;
}

}  // namespace

Relay::Relay(std::uint16_t server_port) : server_port_(server_port) {
  listener_ = common::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_.get(), 128) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback socket");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
}

Relay::~Relay() = default;

void Relay::Accept(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { shutdown(listener_.get(), SHUT_RDWR); });
  while (!stop.stop_requested()) {
    const int client = accept(listener_.get(), nullptr, nullptr);
    if (client < 0) continue;
    const int number = ++connections_;
    passing_.emplace_back([this, client, number](const std::stop_token& its_stop) {
      const common::Fd owner(client);
      Pass(client, number, its_stop);
    });
  }
}

void Relay::Pass(int client, int number, const std::stop_token& stop) const {
  const common::Fd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(server_port_);
  if (connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return;
  }
  const std::stop_callback wake(stop, [&] {
    shutdown(client, SHUT_RDWR);
    shutdown(server.get(), SHUT_RDWR);
  });
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> polled{{{client, POLLIN, 0}, {server.get(), POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), -1) < 0) return;
    const bool is_stalled = number <= stalled_;
    if (polled[0].revents != 0 && !PassOn(client, server.get(), is_stalled)) return;
    if (polled[1].revents != 0 && !PassOn(server.get(), client, is_stalled)) return;
  }
}

}  // namespace consumer
