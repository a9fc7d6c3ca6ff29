// usage: bench-relay TARGET-PORT DELAY-MS
//
// Makes a server on the loopback seem far away: forwards connections to its port and delays every
// byte by DELAY-MS in each direction, until SIGTERM. Prints {"port":N}.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "ops/bench/measuring.h"

namespace {

using common::Fd;
using Clock = std::chrono::steady_clock;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Fd Socket() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw std::runtime_error("no socket");
  return fd;
}

void SendAtOnce(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// One direction of a connection: the bytes on their way.
struct Way {
  Fd from;
  Way* back = nullptr;  ///< The other direction; its `from` is our destination.
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };
  std::deque<Piece> pieces;
  bool has_ended = false;
};

class Relay {
 public:
  Relay(int target, Clock::duration delay)
      : target_(target),
        delay_(delay),
        listener_(Socket()),
        poller_(::epoll_create1(EPOLL_CLOEXEC)) {
    sockaddr_in address = Loopback(0);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 64) != 0) {
      throw std::runtime_error("cannot listen");
    }
    Watch(listener_.get(), nullptr);
  }

  [[nodiscard]] int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  [[noreturn]] void Run() {
    while (true) {
      const Clock::time_point next = PassOn(Clock::now());
      DropEnded();
      Wait(std::max(next - Clock::now(), Clock::duration(0)));
    }
  }

 private:
  void Watch(int fd, Way* way) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = way}};
    ::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void Accept() {
    auto near = std::make_unique<Way>();
    auto far = std::make_unique<Way>();
    near->from = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    far->from = Socket();
    sockaddr_in address = Loopback(target_);
    if (!near->from ||
        ::connect(far->from.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      return;
    }
    near->back = far.get();
    far->back = near.get();
    for (Way* way : {near.get(), far.get()}) {
      SendAtOnce(way->from.get());
      Watch(way->from.get(), way);
    }
    ways_.push_back(std::move(near));
    ways_.push_back(std::move(far));
  }

  void Read(Way& way) const {
    std::array<char, 65536> bytes;  // NOLINT(*-member-init): filled by recv
    const ssize_t size = ::recv(way.from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size > 0) {
      way.pieces.push_back(
          {.due = Clock::now() + delay_, .bytes = {bytes.data(), static_cast<std::size_t>(size)}});
    } else {
      way.has_ended = true;
    }
  }

  /// Forwards the due bytes. Returns the time of the next due ones.
  Clock::time_point PassOn(Clock::time_point now) {
    Clock::time_point next = now + std::chrono::seconds(1);
    for (const auto& way : ways_) {
      while (!way->pieces.empty() && way->pieces.front().due <= now) {
        const std::string& bytes = way->pieces.front().bytes;
        const ssize_t sent =
            ::send(way->back->from.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(bytes.size())) way->has_ended = true;
        way->pieces.pop_front();
      }
      if (!way->pieces.empty()) next = std::min(next, way->pieces.front().due);
    }
    return next;
  }

  void DropEnded() {
    std::erase_if(ways_, [](const std::unique_ptr<Way>& way) {
      return way->has_ended || way->back->has_ended;
    });
  }

  void Wait(std::chrono::nanoseconds timeout) {
    std::array<epoll_event, 64> events;  // NOLINT(*-member-init): filled by epoll
    const timespec limit{.tv_sec = timeout / std::chrono::seconds(1),
                         .tv_nsec = (timeout % std::chrono::seconds(1)).count()};
    const int count = ::epoll_pwait2(poller_.get(), events.data(), events.size(), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      auto* way = static_cast<Way*>(events.at(static_cast<std::size_t>(i)).data.ptr);
      if (way == nullptr) {
        Accept();
      } else {
        Read(*way);
      }
    }
  }

  const int target_;
  const Clock::duration delay_;
  const Fd listener_;
  const Fd poller_;
  std::vector<std::unique_ptr<Way>> ways_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench-relay TARGET-PORT DELAY-MS\n", stderr);
    return 2;
  }
  try {
    Relay relay(static_cast<int>(bench::NumberOf(argv[1])),
                std::chrono::milliseconds(bench::NumberOf(argv[2])));
    std::printf("{\"port\":%d}\n", relay.port());
    std::fflush(stdout);
    relay.Run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-relay: %s\n", error.what());
    return 1;
  }
}
