#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

namespace common::http {

class IdleConnections;

/// A connection's place among the idle ones.
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
/// Threads:  size() and oldest_since() from any; the rest the worker's.
/// Lifetime: must outlive its places.
class IdleConnections {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  IdleConnections() = default;
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;

  /// Call when the connection may have become idle. Precondition: `since` does not decrease from
  /// one call to the next, except for a place that keeps its own.
  void Enter(IdlePlace& place, TimePoint since);
  static void Leave(IdlePlace& place) { place.Leave(); }

  /// The longest idle; null: there is none.
  [[nodiscard]] IdlePlace* Oldest() const { return first_; }
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }
  /// Of the longest idle one, if size() has shown that there is one.
  [[nodiscard]] TimePoint oldest_since() const {
    return TimePoint(TimePoint::duration(oldest_since_.load(std::memory_order_relaxed)));
  }

 private:
  friend class IdlePlace;

  void Publish(std::size_t size);

  IdlePlace* first_ = nullptr;
  IdlePlace* last_ = nullptr;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<TimePoint::rep> oldest_since_ = 0;
};

}  // namespace common::http
