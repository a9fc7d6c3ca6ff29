#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/http/poller.h"
#include "common/http/server.h"
#include "common/http/service.h"
#include "common/http/timer_wheel.h"

namespace common::http {

/// Written by one worker, read by anyone.
class Counter {
 public:
  void Increment() { value_.store(value() + 1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct Counters {
  Counter connections_accepted;
  Counter connections_refused;
  Counter accept_paused;
  Counter requests;
  Counter late_completions;
  Counter closed_unread;
  Counter closed_idle;
  Counter closed_in_flight;
  Counter service_exceptions;
};

/// What the connections of one worker share. Threads: the worker's only.
struct WorkerContext {
  std::uint32_t worker;
  const ServerOptions& options;
  Service& service;
  Poller poller;
  TimerWheel& timers;
  Counters& counters;
  std::vector<char> input;            ///< Where recv(2) writes; nothing in it outlives an event.
  std::string head;                   ///< Where the head of an answer is made.
  std::vector<std::uint64_t> closed;  ///< Connections to be released once the event is over.
  /// Set once the drain has begun: idle connections end then.
  std::optional<std::chrono::steady_clock::time_point> idle_end;
};

}  // namespace common::http
