#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "common/base/deadline.h"

namespace common::http {

/// The listeners and connections of all workers of one server, as numbers; and the drain, which
/// waits for none to be left.
///
/// Threads: any.
class Population {
 public:
  /// Calls `on_listeners_closed` once, from the thread that closed the last one.
  Population(int listeners, std::function<void()> on_listeners_closed)
      : listeners_(listeners), on_listeners_closed_(std::move(on_listeners_closed)) {}

  [[nodiscard]] std::uint64_t open() const { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t NextSerial() { return serial_.fetch_add(1) + 1; }
  void Opened() { open_.fetch_add(1); }
  void Closed();

  void BeginDrain() { draining_.store(true); }
  [[nodiscard]] bool IsDraining() const { return draining_.load(); }
  void ListenerClosed();
  [[nodiscard]] bool HasListeners() const { return listeners_.load() > 0; }
  /// False: the deadline has passed.
  bool WaitUntilEmpty(Deadline deadline);

 private:
  [[nodiscard]] bool IsEmpty() const { return !HasListeners() && open_.load() == 0; }
  void NotifyIfEmpty();

  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> serial_{0};
  std::atomic<int> listeners_;
  const std::function<void()> on_listeners_closed_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable emptied_;
};

}  // namespace common::http
