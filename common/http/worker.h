#pragma once

#include <pistache/reactor.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/http/completion_queue.h"
#include "common/http/connection.h"
#include "common/http/worker_context.h"

namespace common::http {

/// What the workers of one server share. Threads: any.
class Population {
 public:
  explicit Population(int listeners) : listeners_(listeners) {}

  [[nodiscard]] std::uint64_t open() const { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t NextSerial() { return serial_.fetch_add(1) + 1; }
  void Opened() { open_.fetch_add(1); }
  void Closed();

  void BeginDrain() { draining_.store(true); }
  [[nodiscard]] bool IsDraining() const { return draining_.load(); }
  void ListenerClosed();
  bool WaitUntilEmpty(Deadline deadline);

 private:
  [[nodiscard]] bool IsEmpty() const { return listeners_.load() == 0 && open_.load() == 0; }
  void NotifyIfEmpty();

  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::uint64_t> serial_{0};
  std::atomic<int> listeners_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  std::condition_variable emptied_;
};

/// One thread's share of the server: its listener, its connections, its timers.
///
/// Threads:  onReady() from the reactor's thread; queue(), counters() from any; construction,
///           registerPoller() and destruction from the owner's while that thread does not run.
class Worker final : public Pistache::Aio::Handler {
 public:
  Worker(std::uint32_t index, Fd listener, const ServerOptions& options, Service& service,
         Population& population);
  ~Worker() override;

  [[nodiscard]] CompletionQueue& queue() { return completions_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Whether the kernel gave all that a worker needs.
  [[nodiscard]] bool IsRegistered() const { return is_registered_; }

  void registerPoller(Pistache::Polling::Epoll& epoll) override;
  void onReady(const Pistache::Aio::FdSet& events) override;
  [[nodiscard]] std::shared_ptr<Pistache::Aio::Handler> clone() const override { return nullptr; }

 private:
  using Slot = std::unique_ptr<Connection>;

  [[nodiscard]] Connection* Find(std::uint64_t id) const;
  void Dispatch(const Pistache::Aio::FdSet& events);
  void OnConnectionEvent(Connection& connection, const Pistache::Aio::FdSet::Entry& event);
  void OnCompletions();
  void OnTick();
  void AcceptSome(int limit);
  void Adopt(Fd socket);
  void PauseAccepting();
  void BeginDrain();
  void ReleaseClosed();

  const ServerOptions& options_;
  Population& population_;
  Fd listener_;
  Fd tick_;
  CompletionQueue completions_;
  std::vector<Completion> taken_;
  Counters counters_;
  TimerWheel timers_;
  Service& service_;
  std::optional<WorkerContext> context_;
  std::vector<Slot> connections_;  // by the slot number in their id
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t index_;
  bool is_accepting_ = true;
  bool is_registered_ = false;
};

}  // namespace common::http
