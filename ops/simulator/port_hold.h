#pragma once

#include <cstdint>
#include <string>

#include "common/base/fd.h"
#include "common/base/result.h"

namespace simulator {

/// Keeps a port without listening on it: who connects is refused, and the system gives the port to
/// no client as its own. (A client that is given the port that it connects to is connected to
/// itself, and nobody can listen there any more.) A server that sets SO_REUSEADDR may bind to it
/// meanwhile.
class PortHold {
 public:
  /// `host` is an IPv4 or IPv6 address; port 0 takes a free one.
  /// Errors: kStop if it cannot be had.
  static common::Result<PortHold> Take(const std::string& host, std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  PortHold(common::Fd socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

  common::Fd socket_;
  std::uint16_t port_;
};

}  // namespace simulator
