#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/http/guarded_service.h"
#include "common/http/population.h"
#include "common/http/reactor.h"
#include "common/http/server.h"
#include "common/http/stats.h"
#include "common/http/timer_wheel.h"

namespace common::http {

/// Connections that are closed and to be released once the event is over, linked through
/// themselves: closing one needs no memory.
///
/// Threads: one worker's.
class ClosedConnections {
 public:
  struct Link {
    std::uint64_t id = 0;
    Link* next = nullptr;
  };

  void Add(Link& link) noexcept { link.next = std::exchange(first_, &link); }
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  /// The id of one of them, which is in the list no more. Precondition: it is not empty.
  std::uint64_t Take() { return std::exchange(first_, first_->next)->id; }

 private:
  Link* first_ = nullptr;
};

/// Shared by the connections of one worker.
///
/// Threads: the worker's only.
struct WorkerContext {
  std::uint32_t worker;
  const ServerOptions& options;
  GuardedService service;
  Poller poller;
  TimerWheel& timers;
  Counters& counters;
  IdleShare& idle;
  std::vector<char> input;  ///< Where recv(2) writes; nothing in it outlives an event.
  std::string head;         ///< Where the head of an answer is made.
  ClosedConnections closed;
  /// Set once the drain has begun: idle connections end then.
  std::optional<std::chrono::steady_clock::time_point> idle_end;
};

}  // namespace common::http
