#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/guarded.h"
#include "common/http/idle_connections.h"
#include "common/http/server.h"

namespace common::http {

/// A number that several threads raise, never beyond its bound.
///
/// Threads: any.
class BoundedCount {
 public:
  explicit BoundedCount(std::uint64_t most) : most_(most) {}

  /// False: it is at its bound.
  [[nodiscard]] bool Raise();
  /// Returns the new count.
  std::uint64_t Lower() { return count_.fetch_sub(1) - 1; }
  [[nodiscard]] std::uint64_t value() const { return count_.load(); }

 private:
  const std::uint64_t most_;
  std::atomic<std::uint64_t> count_ = 0;
};

class Population;

/// One open connection as the population counts it, and the place of one that is served.
///
/// Lifetime: the population must outlive it.
class Seat {
 public:
  Seat() = default;
  Seat(Seat&& other) noexcept
      : population_(std::exchange(other.population_, nullptr)),
        has_place_(std::exchange(other.has_place_, false)) {}
  Seat& operator=(Seat&&) = delete;
  ~Seat();

  /// One of the max_connections places. False: all are taken.
  [[nodiscard]] bool ClaimPlace();
  /// Gives the place to others; it may be called without one.
  void LeavePlace() noexcept;
  [[nodiscard]] bool has_place() const { return has_place_; }
  explicit operator bool() const { return population_ != nullptr; }

 private:
  friend class Population;
  explicit Seat(Population& population) : population_(&population) {}

  Population* population_ = nullptr;
  bool has_place_ = false;
};

/// A connection that no worker serves yet: nothing was read from it.
struct Newcomer {
  Fd socket;
  Seat seat;
  int passes = 0;  ///< How often one worker has passed it on to another one.
};

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
  IdleConnections silent;  ///< No request was ever admitted on them, or a refused one's body comes.
  IdleConnections kept;    ///< Kept alive between requests.

  [[nodiscard]] MakesRoom Judge(IdleConnections::TimePoint now, std::size_t many) const;
  /// The list whose longest idle connection Judge() has named. Precondition: it has named one.
  [[nodiscard]] const IdleConnections& ListOf(MakesRoom judged) const {
    return judged == MakesRoom::kKept ? kept : silent;
  }
};

/// Which connection makes room if several workers judge the same.
enum class Among { kLongestIdle, kOwn };

/// Counts the listeners and connections of all workers of one server. Chooses which connection
/// makes room for another one. A drain waits here until none is left.
///
/// At most `max_connections` are served, and at most kReserve more are open.
///
/// Threads: any, but for what an IdleShare says.
class Population {
 public:
  /// There is one worker for each listener. `wake` is called from any thread: with each worker once
  /// the last listener is closed, and with the one that newcomers are passed on to.
  Population(std::size_t listeners, std::uint64_t max_connections,
             std::function<void(std::uint32_t worker)> wake);

  [[nodiscard]] std::uint64_t open() const { return open_.value(); }
  [[nodiscard]] std::uint64_t NextSerial() { return serial_.fetch_add(1) + 1; }
  /// For a connection that is about to be accepted. Empty: the reserve is used up.
  [[nodiscard]] Seat ReserveSeat();
  /// Whether more than half of the reserve is used.
  [[nodiscard]] bool IsReserveShort() const;

  void BeginDrain() { draining_.store(true); }
  [[nodiscard]] bool IsDraining() const { return draining_.load(); }
  void ListenerClosed();
  [[nodiscard]] bool HasListeners() const { return listeners_.load() > 0; }

  [[nodiscard]] IdleShare& idle(std::uint32_t worker) { return idle_[worker]; }
  /// The worker that is to make room for a connection of `own`: the one that judges highest, and
  /// `among` its equals. nullopt: all connections are busy.
  [[nodiscard]] std::optional<std::uint32_t> FindIdleWorker(std::uint32_t own,
                                                            IdleConnections::TimePoint now,
                                                            std::size_t many, Among among) const;
  /// To that worker, which is woken. It needs no memory.
  void PassOn(std::uint32_t worker, Newcomer newcomer);
  /// Replaces the contents of `taken` by what was passed on to that worker, whose memory is used
  /// for the next ones.
  void TakeNewcomers(std::uint32_t worker, std::vector<Newcomer>& taken);

  /// False: the deadline has passed.
  bool WaitUntilEmpty(Deadline deadline);

 private:
  friend class Seat;

  [[nodiscard]] bool IsEmpty() const { return !HasListeners() && open() == 0; }
  void NotifyIfEmpty();

  const std::uint64_t max_connections_;
  BoundedCount open_;
  BoundedCount places_;
  std::atomic<std::uint64_t> serial_{0};
  std::atomic<std::size_t> listeners_;
  const std::function<void(std::uint32_t)> wake_;
  std::vector<IdleShare> idle_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable emptied_;
  // Last: its newcomers have seats, which the members above count.
  std::vector<Guarded<std::vector<Newcomer>>> passed_on_;
};

}  // namespace common::http
