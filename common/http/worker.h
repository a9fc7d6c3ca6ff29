#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/base/fd.h"
#include "common/http/completion_queue.h"
#include "common/http/connection_table.h"
#include "common/http/population.h"
#include "common/http/reactor.h"
#include "common/http/stats.h"
#include "common/http/timer_wheel.h"
#include "common/http/worker_context.h"

namespace common::http {

/// One thread's share of the server: its listener, its connections, its timers.
///
/// Threads:  OnReady() from the reactor's thread; Complete(), Wake(), counters(), last_tick() from any;
///           construction, Register() and destruction from the owner's while that thread does not
///           run.
class Worker final : public EventHandler {
 public:
  Worker(std::uint32_t index, Fd listener, const ServerOptions& options, Service& service,
         Population& population);
  ~Worker() override;

  /// See Server::Complete. All of them are of this worker.
  void Complete(std::span<Completion> completions);
  void Wake() { completions_.Wake(); }
  /// While the reactor's thread does not run.
  void CloseConnections();
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// At first, when it was made.
  [[nodiscard]] std::chrono::steady_clock::time_point last_tick() const {
    return last_tick_.load();
  }
  /// Whether the kernel gave all that a worker needs.
  [[nodiscard]] bool IsRegistered() const { return is_registered_; }

  void Register(Poller poller) override;
  void OnReady(const ReadyEvents& events) noexcept override;

 private:
  void Dispatch(const ReadyEvents& events);
  void OnConnectionEvent(Connection& connection, Readiness readiness);
  [[nodiscard]] bool Watches() const;
  void OnWatch();
  void OnCompletions();
  void OnNewcomers();
  void OnTick();
  bool AcceptSome(int limit);
  void FindPlace(Newcomer newcomer);
  void Serve(Newcomer newcomer);
  void Refuse(Newcomer newcomer);
  Connection& Adopt(Newcomer newcomer);
  void EvictOldest();
  [[nodiscard]] std::size_t ManySilent() const;
  void PauseAccepting();
  void Drain();
  void CloseListener();
  void ReleaseClosed();

  const std::uint32_t index_;
  const ServerOptions& options_;
  Service& service_;
  Population& population_;
  Fd listener_;
  CompletionQueue completions_;
  std::vector<Completion> taken_;
  std::vector<Newcomer> newcomers_;
  bool has_own_completions_ = false;  ///< Pushed by this very thread, which needs no wake-up.
  Counters counters_;
  std::atomic<std::chrono::steady_clock::time_point> last_tick_{std::chrono::steady_clock::now()};
  TimerWheel timers_;
  Fd tick_;  // Behind the wheel: its ticks never come before those of the wheel.
  std::optional<WorkerContext> context_;  // from Register() on
  ConnectionTable connections_;           // behind what connections use
  bool is_accepting_ = true;
  bool is_registered_ = false;
};

}  // namespace common::http
