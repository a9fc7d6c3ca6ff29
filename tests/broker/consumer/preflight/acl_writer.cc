#include "tests/broker/consumer/preflight/acl_writer.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>

#include "tests/support/raw_client.h"

namespace tests {
namespace {

std::string Number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
  }
  return text;
}

std::string Text(const std::string& text) {
  return Number(static_cast<std::uint32_t>(text.size()), 2) + text;
}

/// Reads exactly this much, or throws.
std::string Receive(int socket, std::size_t size) {
  std::string bytes;
  std::array<char, 4096> block{};
  while (bytes.size() < size) {
    pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
    constexpr int kLimitMs = 20'000;
    const ssize_t got =
        ::poll(&wanted, 1, kLimitMs) == 1
            ? ::recv(socket, block.data(), std::min(block.size(), size - bytes.size()), 0)
            : -1;
    if (got <= 0) throw std::runtime_error("no answer to CreateAcls");
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

std::uint32_t NumberIn(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

// request  := size api-key=30 version=1 correlation client-id count entry…
// entry    := resource name literal=3 principal host operation allow=3
// response := size correlation throttle count (error message)…
void Allow(const std::string& bootstrap, const std::vector<Allowance>& allowances) {
  std::string request = Number(30, 2) + Number(1, 2) + Number(1, 4) + Text("test") +
                        Number(static_cast<std::uint32_t>(allowances.size()), 4);
  for (const Allowance& entry : allowances) {
    request += Number(static_cast<std::uint32_t>(entry.resource), 1) + Text(entry.name) +
               Number(3, 1) + Text(entry.principal) + Text("*") +
               Number(static_cast<std::uint32_t>(entry.operation), 1) + Number(3, 1);
  }
  const auto port = std::stoi(bootstrap.substr(bootstrap.find(':') + 1));
  RawClient client(static_cast<std::uint16_t>(port));
  if (!client.Send(Number(static_cast<std::uint32_t>(request.size()), 4) + request)) {
    throw std::runtime_error("CreateAcls was not sent");
  }
  const std::string answer = Receive(client.socket(), NumberIn(Receive(client.socket(), 4)));
  std::string_view rest = std::string_view(answer).substr(12);
  for (std::size_t i = 0; i < allowances.size(); ++i) {
    if (NumberIn(rest.substr(0, 2)) != 0) throw std::runtime_error("Kafka refuses an ACL");
    const auto message = static_cast<std::int16_t>(NumberIn(rest.substr(2, 2)));
    rest.remove_prefix(4 + static_cast<std::size_t>(std::max<std::int16_t>(message, 0)));
  }
}

}  // namespace tests
