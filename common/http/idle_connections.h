#pragma once

#include <atomic>
#include <chrono>

namespace common::http {

class IdleConnections;

/// A connection's place among those that nothing is asked on.
class IdlePlace {
 public:
  IdlePlace() = default;
  ~IdlePlace() { Leave(); }
  IdlePlace(const IdlePlace&) = delete;
  IdlePlace& operator=(const IdlePlace&) = delete;

 protected:
  void Leave();

 private:
  friend class IdleConnections;

  IdleConnections* in_ = nullptr;
  IdlePlace* previous_ = nullptr;
  IdlePlace* next_ = nullptr;
  std::chrono::steady_clock::time_point since_{};
};

/// Connections of one worker in the order in which they make room for others: the longest idle
/// first. Each step is O(1), without allocation.
///
/// Threads:  IsEmpty() from any; the rest the worker's.
/// Lifetime: must outlive its places.
class IdleConnections {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  IdleConnections() = default;
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;

  /// To be called whenever it may have become idle. Precondition: `since` does not descend from one
  /// call to the next, but for a place that keeps it.
  void Enter(IdlePlace& place, TimePoint since);
  static void Leave(IdlePlace& place) { place.Leave(); }

  /// The longest idle; null: there is none.
  [[nodiscard]] IdlePlace* Oldest() const { return first_; }
  [[nodiscard]] bool IsEmpty() const { return is_empty_.load(std::memory_order_relaxed); }

 private:
  friend class IdlePlace;

  IdlePlace* first_ = nullptr;
  IdlePlace* last_ = nullptr;
  std::atomic<bool> is_empty_ = true;
};

}  // namespace common::http
