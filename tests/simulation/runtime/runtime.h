#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <vector>

namespace simulation {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Span = Clock::duration;

/// One machine, with all that runs on it. It can stand still, and its wall clock can be wrong.
struct Host {
  int id = 0;
  bool is_frozen = false;
  bool is_dead = false;  ///< Nothing that its fibers send arrives any more.
  Span clock_error{};
  Span stall{};  ///< One thread is about to stand still for so long.
};

/// One simulated world in this process: virtual time, and the threads of the code under test as
/// fibers, of which one runs at a time. While it exists, the clocks, threads, condition variables
/// and sleeps of the process are its own (interposed.cc), so production code needs no seam.
///
///   event queue ──due──► events (cluster, network, actions)
///        │                  │ wake
///        └──due──► ready fibers ──block──► waiting fibers
///
/// Deterministic: the order of events is (time, sequence), that of fibers first come, first served.
///
/// Threads: one.
class Runtime {
 public:
  using FiberId = std::uint64_t;

  Runtime();
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// None: no world exists, and everything is real.
  static Runtime* Current();

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point WallOf(const Host* host) const;
  /// Every machine sleeps for so long: wall clocks go on, monotonic ones stand still, as in Linux.
  void Suspend(Span span) { slept_ += span; }
  /// Of the fiber that runs; null in events.
  [[nodiscard]] Host* host() const;
  [[nodiscard]] FiberId fiber() const;
  [[nodiscard]] bool is_in_fiber() const { return running_ != nullptr; }

  void At(Time time, std::function<void()> event);
  void After(Span span, std::function<void()> event) { At(now_ + span, std::move(event)); }

  FiberId Spawn(Host& host, std::function<void()> body);
  void Thaw(Host& host);
  /// Called after a fiber has run.
  void OnRun(std::function<void(const Host&, FiberId)> observer) { on_run_ = std::move(observer); }

  // In fibers only. They return at once when the time has passed.
  void Sleep(Span span) { Block(nullptr, now_ + span); }
  /// True if it was woken, false if the time has passed.
  bool Block(const void* key, Time until);
  void Join(FiberId fiber);

  void WakeOne(const void* key);
  void WakeAll(const void* key);

  void RunUntil(Time time);
  [[nodiscard]] std::uint64_t switches() const { return switches_; }
  [[nodiscard]] std::size_t fibers() const { return fibers_.size(); }

 private:
  struct Fiber;
  struct Event {
    Time at;
    std::uint64_t sequence = 0;
    std::function<void()> run;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  static void Enter(unsigned low, unsigned high);
  void MakeReady(Fiber& fiber);
  void Resume(Fiber& fiber);
  void RunReady();

  Time now_{std::chrono::hours(1'000)};
  Span slept_{};
  std::uint64_t sequence_ = 0;
  std::uint64_t switches_ = 0;
  std::priority_queue<Event> events_;
  std::map<FiberId, std::unique_ptr<Fiber>> fibers_;
  FiberId last_fiber_ = 0;
  std::deque<FiberId> ready_;
  std::map<int, std::vector<FiberId>> parked_;  ///< Ready, on hosts that stand still.
  std::vector<FiberId> waiting_;                ///< In the order in which they began to wait.
  Fiber* running_ = nullptr;
  std::vector<void*> stacks_;  ///< To be used again.
  std::function<void(const Host&, FiberId)> on_run_;
};

}  // namespace simulation
