#pragma once

#include <atomic>
#include <cstdint>

namespace common::http {

/// Written by one worker, read by anyone.
class Counter {
 public:
  void Increment() { value_.store(value() + 1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// One worker's share of ServerStats.
struct Counters {
  Counter connections_accepted;
  Counter connections_refused;
  Counter connections_evicted;
  Counter accept_paused;
  Counter requests;
  Counter late_completions;
  Counter closed_unread;
  Counter closed_idle;
  Counter closed_in_flight;
  Counter service_exceptions;
};

}  // namespace common::http
