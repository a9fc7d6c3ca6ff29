#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/deadline.h"
#include "common/http/idle_connections.h"

namespace common::http {

/// Which of a worker's connections makes room for another one; the later ones do so first.
///
///   kFreshSilent  one that was just made: its request may be on the way
///   kKept         the longest idle one that is kept alive between requests
///   kSilent       the longest silent one: silent for a second, or one of many
enum class MakesRoom { kNobody, kFreshSilent, kKept, kSilent };

/// The idle connections of one worker.
///
/// Threads: Judge() from any.
struct IdleShare {
  IdleConnections silent;  ///< Nothing was ever asked on them.
  IdleConnections kept;    ///< Kept alive between requests.
  std::atomic<std::uint64_t> evictions_asked = 0;

  [[nodiscard]] MakesRoom Judge(IdleConnections::TimePoint now, std::size_t many) const;
};

/// The listeners and connections of all workers of one server, as numbers; which of them makes room
/// for others; and the drain, which waits for none to be left.
///
/// Threads: any, but for what an IdleShare says.
class Population {
 public:
  /// There is one worker for each listener. `wake_workers` is called from any thread: once the last
  /// listener is closed, and when a worker is asked to evict.
  Population(std::size_t listeners, std::function<void()> wake_workers);

  [[nodiscard]] std::uint64_t open() const { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t NextSerial() { return serial_.fetch_add(1) + 1; }
  void Opened() { open_.fetch_add(1); }
  void Closed();

  void BeginDrain() { draining_.store(true); }
  [[nodiscard]] bool IsDraining() const { return draining_.load(); }
  void ListenerClosed();
  [[nodiscard]] bool HasListeners() const { return listeners_.load() > 0; }

  [[nodiscard]] IdleShare& idle(std::uint32_t worker) { return idle_[worker]; }
  /// The worker that is to make room for a connection of `own`: the one that judges highest, and
  /// `own` before its equals. nullopt: all connections are busy.
  [[nodiscard]] std::optional<std::uint32_t> FindIdleWorker(std::uint32_t own,
                                                            IdleConnections::TimePoint now,
                                                            std::size_t many) const;
  void AskToEvict(std::uint32_t worker);
  /// The evictions asked of that worker since the last call.
  [[nodiscard]] std::uint64_t TakeEvictionsAsked(std::uint32_t worker);

  /// False: the deadline has passed.
  bool WaitUntilEmpty(Deadline deadline);

 private:
  [[nodiscard]] bool IsEmpty() const { return !HasListeners() && open_.load() == 0; }
  void NotifyIfEmpty();

  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> serial_{0};
  std::atomic<std::size_t> listeners_;
  const std::function<void()> wake_workers_;
  std::vector<IdleShare> idle_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable emptied_;
};

}  // namespace common::http
