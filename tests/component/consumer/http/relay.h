#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <stop_token>
#include <string>
#include <thread>

#include "common/base/fd.h"

namespace consumer {

/// Relays bytes between clients and a server on loopback.
class Relay {
 public:
  explicit Relay(std::uint16_t server_port);
  ~Relay();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }
  /// Discards all bytes on the open connections from now on, without a sign to either side.
  void Stall() { stalled_ = connections_.load(); }

 private:
  void Accept(const std::stop_token& stop);
  void Pass(int client, int number, const std::stop_token& stop) const;

  std::uint16_t server_port_;
  common::Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> stalled_ = 0;  ///< The connections up to this number.
  // Last: their destructors join the threads that use the members above; the accepting thread,
  // which starts the others, ends first.
  std::list<std::jthread> passing_;
  std::jthread accepting_;
};

}  // namespace consumer
