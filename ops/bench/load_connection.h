#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace bench {

/// A kept-alive connection to a server on the loopback, with one request at a time.
///
/// Errors: throws; a bench ends at the first error.
class LoadConnection {
 public:
  using Clock = std::chrono::steady_clock;

  struct Request {
    std::uint64_t number = 0;
    Clock::time_point due{};
  };
  struct Answered {
    Request request;
    int status = 0;
  };

  explicit LoadConnection(int port);

  [[nodiscard]] int fd() const { return fd_.get(); }

  void Send(const Request& request, std::string_view bytes);
  /// Call when the connection is readable. Returns the answer once it is complete.
  [[nodiscard]] std::optional<Answered> Receive();

 private:
  common::Fd fd_;
  Request request_;
  std::string received_;
};

}  // namespace bench
