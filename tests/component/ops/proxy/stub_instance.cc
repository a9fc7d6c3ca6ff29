#include "tests/component/ops/proxy/stub_instance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace tests {
namespace {

common::Fd Listener() {
  common::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 64) != 0) {
    throw std::system_error(errno, std::system_category(), "listen");
  }
  return listener;
}

std::uint16_t PortOf(const common::Fd& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::size_t BodyLength(std::string_view head) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  // nginx keeps the client's spelling; HAProxy writes lower case.
  constexpr std::string_view kLower = "\r\ncontent-length: ";
  const std::size_t at = std::min(head.find(kLength), head.find(kLower));
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    const char* const digits = head.data() + at + kLength.size();
    std::from_chars(digits, head.data() + head.size(), length);
  }
  return length;
}

void Send(int connection, std::string_view status) {
  const std::string answer = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n";
  [[maybe_unused]] const ssize_t sent =
      ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace

StubInstance::StubInstance(Conduct conduct)
    : conduct_(conduct), listener_(Listener()), accepting_([this] { Accept(); }) {
  port_ = PortOf(listener_);
}

StubInstance::~StubInstance() {
  is_over_ = true;
  Proceed();
  ::shutdown(listener_.get(), SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  serving_.clear();
}

std::string StubInstance::last_head() const {
  const std::lock_guard lock(mutex_);
  return last_head_;
}

void StubInstance::Accept() {
  while (!is_over_) {
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      open_.push_back(connection);
    }
    serving_.emplace_back([this, connection] { Serve(connection); });
  }
}

void StubInstance::Serve(int connection) {
  std::string received;
  std::array<char, 65536> bytes{};
  bool is_open = true;
  while (is_open) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::string_view head = std::string_view(received).substr(0, end + 2);
      const std::size_t size = end + 4 + BodyLength(head);
      if (received.size() >= size) {
        is_open = Answer(connection, head);
        received.erase(0, size);
        continue;
      }
    }
    const ssize_t count = ::recv(connection, bytes.data(), bytes.size(), 0);
    is_open = count > 0;
    if (is_open) received.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, connection);
  ::close(connection);
}

bool StubInstance::Answer(int connection, std::string_view head) {
  if (head.starts_with("GET /readyz ")) {
    Send(connection, is_ready_ ? "200 OK" : "503 Service Unavailable");
    return true;
  }
  ++requests_;
  {
    const std::lock_guard lock(mutex_);
    last_head_ = head;
  }
  switch (conduct_) {
    case Conduct::kStores:
      Send(connection, "200 OK");
      return true;
    case Conduct::kRefuses:
      Send(connection, "503 Service Unavailable");
      return true;
    case Conduct::kHangs:
      return true;
    case Conduct::kWaits:
      may_proceed_.wait(false);
      Send(connection, "200 OK");
      return true;
    case Conduct::kResets: {
      const linger at_once{1, 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return false;
    }
  }
  return false;
}

}  // namespace tests
