#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/http/guarded_service.h"
#include "common/http/poller.h"
#include "common/http/population.h"
#include "common/http/server.h"
#include "common/http/stats.h"
#include "common/http/timer_wheel.h"

namespace common::http {

/// What the connections of one worker share.
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
  std::vector<char> input;            ///< Where recv(2) writes; nothing in it outlives an event.
  std::string head;                   ///< Where the head of an answer is made.
  std::vector<std::uint64_t> closed;  ///< Connections to be released once the event is over.
  /// Set once the drain has begun: idle connections end then.
  std::optional<std::chrono::steady_clock::time_point> idle_end;
};

}  // namespace common::http
