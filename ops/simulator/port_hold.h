#pragma once

#include <cstdint>
#include <string>

#include "common/base/fd.h"
#include "common/base/result.h"

namespace simulator {

/// Reserves a port without listening on it: connections are refused, and the system assigns the
/// port to no client. (A client whose own port equals its destination connects to itself, and then
/// no server can listen there.) A server that sets SO_REUSEADDR may bind to the port meanwhile.
class PortHold {
 public:
  /// `host` is an IPv4 or IPv6 address; port 0 takes a free one.
  /// Errors: kStop if it cannot be bound.
  static common::Result<PortHold> Reserve(const std::string& host, std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  PortHold(common::Fd socket, std::uint16_t port) : socket_(std::move(socket)), port_(port) {}

  common::Fd socket_;
  std::uint16_t port_;
};

}  // namespace simulator
