#include "tests/component/ingest/support/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "common/base/deadline.h"

namespace ingest {

RawConnection::RawConnection(std::uint16_t port)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::system_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool RawConnection::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawConnection::EndSending() const { ::shutdown(fd_.get(), SHUT_WR); }

RawConnection::Received RawConnection::Receive(std::chrono::steady_clock::time_point until) {
  pollfd wanted{fd_.get(), POLLIN, 0};
  const auto limit = static_cast<int>(common::Deadline(until).Remaining().count());
  if (::poll(&wanted, 1, limit) <= 0) return Received::kNothing;
  std::array<char, 16384> bytes{};
  const ssize_t received = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (received <= 0) return Received::kEnd;
  buffer_.append(bytes.data(), static_cast<std::size_t>(received));
  return Received::kBytes;
}

std::optional<std::string> RawConnection::ReadAnswer(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::size_t size = end + 4;
      const std::size_t length = buffer_.find("Content-Length: ");
      if (length < end) size += std::stoul(buffer_.substr(length + 16, 12));
      if (buffer_.size() >= size) {
        std::string answer = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return answer;
      }
    }
    if (Receive(until) != Received::kBytes) return std::nullopt;
  }
}

bool RawConnection::WaitForClose(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const Received received = Receive(until);
    if (received != Received::kBytes) return received == Received::kEnd;
  }
}

int StatusOf(const std::optional<std::string>& answer) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!answer || answer->compare(0, kVersion.size(), kVersion) != 0) return 0;
  return std::stoi(answer->substr(kVersion.size(), 3));
}

std::string Summary(const std::optional<std::string>& answer) {
  if (StatusOf(answer) == 0) return "nothing";
  const auto has = [&](const char* field) { return answer->find(field) != std::string::npos; };
  return std::to_string(StatusOf(answer)) + (has("\r\nAllow: POST\r\n") ? " Allow: POST" : "") +
         (has("\r\nConnection: close\r\n") ? " close" : "");
}

std::string PostOf(std::string_view path, std::string_view secret, std::string_view body,
                   std::string_view more_fields) {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: ingest\r\n";
  if (!secret.empty()) request += "Authorization: " + std::string(secret) + "\r\n";
  request += more_fields;
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return request += body;
}

}  // namespace ingest
