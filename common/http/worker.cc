#include "common/http/worker.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "common/http/listener.h"

namespace common::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kInputSize =
    std::size_t{64} * 1024;  // at most so much of one client per wake-up
constexpr auto kDrainGrace = std::chrono::seconds(1);
constexpr int kAcceptsPerEvent = 64;
constexpr int kEvictionTries = 16;  // a request may have arrived meanwhile
constexpr int kMostPasses = 16;     // of a newcomer whose place others take again and again

// Tags of epoll events beside connection ids.
constexpr std::uint64_t kCompletionTag = 1;
constexpr std::uint64_t kTickTag = 2;
constexpr std::uint64_t kListenerTag = 3;
constexpr std::uint64_t kWatchTag = 4;
static_assert(kWatchTag <= kMaxTag);

constexpr std::uint32_t kWatchingWorker = 0;

/// The worker of this thread, while it is in OnReady().
thread_local const Worker* running_worker = nullptr;

Fd MakeTick() {
  Fd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const timespec period{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kTimerGrain).count()};
  const itimerspec every{.it_interval = period, .it_value = period};
  if (timer && ::timerfd_settime(timer.get(), 0, &every, nullptr) != 0) timer.Reset();
  return timer;
}

}  // namespace

Worker::Worker(std::uint32_t index, Fd listener, const ServerOptions& options, Service& service,
               Population& population)
    : index_(index),
      options_(options),
      service_(service),
      population_(population),
      listener_(std::move(listener)),
      timers_(Clock::now(), kTimerGrain),
      tick_(MakeTick()) {
  newcomers_.reserve(kReserve);
}

Worker::~Worker() { CloseConnections(); }

void Worker::CloseConnections() {
  connections_.ForEach([](Connection& connection) { connection.Close(); });
}

void Worker::Register(Poller registered) {
  context_.emplace(WorkerContext{.worker = index_,
                                 .options = options_,
                                 .service = GuardedService(service_, counters_.service_exceptions),
                                 .poller = registered,
                                 .timers = timers_,
                                 .counters = counters_,
                                 .idle = population_.idle(index_),
                                 .input = std::vector<char>(kInputSize),
                                 .head = {},
                                 .closed = {},
                                 .idle_end = {}});
  Poller& poller = context_->poller;
  is_registered_ = tick_ && completions_.event() &&
                   poller.Add(completions_.event(), kCompletionTag, Trigger::kEdge) &&
                   poller.Add(tick_, kTickTag, Trigger::kLevel) &&
                   poller.Add(listener_, kListenerTag, Trigger::kLevel) &&
                   (!Watches() || poller.Add(options_.watch.event, kWatchTag, Trigger::kEdge));
}

bool Worker::Watches() const { return index_ == kWatchingWorker && options_.watch.event >= 0; }

void Worker::Complete(std::span<Completion> completions) {
  if (!completions_.Push(completions)) return;
  if (running_worker == this) {
    has_own_completions_ = true;
  } else {
    Wake();
  }
}

/// Events are level-triggered: one that could not be handled for want of memory comes again.
void Worker::OnReady(const ReadyEvents& events) noexcept {
  running_worker = this;
  try {
    Dispatch(events);
  } catch (...) {
    ReleaseClosed();
  }
  running_worker = nullptr;
  if (std::exchange(has_own_completions_, false)) Wake();
}

void Worker::Dispatch(const ReadyEvents& events) {
  bool has_completions = false;
  bool has_watch = false;
  bool has_tick = false;
  bool has_clients = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    switch (events.TagOf(i)) {
      case kCompletionTag:
        has_completions = true;
        break;
      case kWatchTag:
        has_watch = true;
        break;
      case kTickTag:
        has_tick = true;
        break;
      case kListenerTag:
        has_clients = true;
        break;
      default:
        if (Connection* connection = connections_.Find(events.TagOf(i))) {
          OnConnectionEvent(*connection, events.ReadinessOf(i));
        }
    }
  }
  if (has_watch || (has_tick && Watches())) OnWatch();
  if (has_completions || has_own_completions_) OnCompletions();
  ReleaseClosed();
  if (has_clients && is_accepting_) AcceptSome(kAcceptsPerEvent);
  if (has_tick) OnTick();
  ReleaseClosed();
}

void Worker::OnConnectionEvent(Connection& connection, Readiness readiness) {
  try {
    switch (readiness) {
      case Readiness::kHangup:
        connection.OnHangup();
        break;
      case Readiness::kWritable:
        connection.OnWritable();
        break;
      case Readiness::kReadable:
        connection.OnReadable();
        break;
    }
  } catch (...) {  // out of memory
    connection.Close();
  }
}

void Worker::OnWatch() {
  try {
    options_.watch.on_event();
  } catch (...) {
    counters_.service_exceptions.Increment();
  }
}

void Worker::OnCompletions() {
  has_own_completions_ = false;
  if (population_.IsDraining()) Drain();
  OnNewcomers();
  completions_.Take(taken_);
  for (auto& [ticket, answer] : taken_) {
    Connection* connection =
        ticket.worker == index_ ? connections_.Find(ticket.connection) : nullptr;
    bool is_late = true;
    try {
      is_late = connection == nullptr || !connection->Complete(ticket.request, std::move(answer));
    } catch (...) {  // out of memory
      connection->Close();
    }
    if (is_late) counters_.late_completions.Increment();
  }
  taken_.clear();
}

void Worker::OnNewcomers() {
  population_.TakeNewcomers(index_, newcomers_);
  for (Newcomer& newcomer : newcomers_) {
    try {
      FindPlace(std::move(newcomer));
    } catch (...) {  // out of memory: it is gone
    }
  }
  newcomers_.clear();
}

void Worker::OnTick() {
  std::uint64_t expirations = 0;
  (void)!::read(tick_.get(), &expirations, sizeof expirations);
  const auto now = Clock::now();
  last_tick_ = now;
  timers_.Advance(now);
  if (!listener_) return;
  if (population_.IsDraining()) return Drain();
  if (!is_accepting_)
    is_accepting_ = context_->poller.Add(listener_, kListenerTag, Trigger::kLevel);
}

/// False: clients may be waiting in the kernel's queue, as the reserve or the descriptors are used
/// up.
bool Worker::AcceptSome(int limit) {
  for (int i = 0; i < limit; ++i) {
    Seat seat = population_.ReserveSeat();
    if (!seat) {
      PauseAccepting();
      return false;
    }
    Accepted accepted = Accept(listener_);
    switch (accepted.outcome) {
      case AcceptOutcome::kAccepted:
        FindPlace({.socket = std::move(accepted.socket), .seat = std::move(seat)});
        break;
      case AcceptOutcome::kRetry:
        break;
      case AcceptOutcome::kNoResource:
        PauseAccepting();
        return false;
      case AcceptOutcome::kNothing:
        return true;
    }
  }
  return true;
}

/// A newcomer is served in a free place, or in the place of an idle connection, by the worker that
/// has this one. It is refused if all connections are busy.
void Worker::FindPlace(Newcomer newcomer) {
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    if (newcomer.seat.ClaimPlace()) return Serve(std::move(newcomer));
    // Where it was passed on to, the longest idle one may have gone meanwhile: it chases no other.
    const Among among = newcomer.passes == 0 ? Among::kLongestIdle : Among::kOwn;
    const auto worker = population_.FindIdleWorker(index_, Clock::now(), ManySilent(), among);
    if (!worker || newcomer.passes == kMostPasses) {
      // Another worker may have closed a connection since the first look.
      const bool has_place = newcomer.seat.ClaimPlace();
      return has_place ? Serve(std::move(newcomer)) : Refuse(std::move(newcomer));
    }
    if (*worker != index_) {
      ++newcomer.passes;
      return population_.PassOn(*worker, std::move(newcomer));
    }
    EvictOldest();
  }
  ++newcomer.passes;  // Behind the events that have come meanwhile.
  population_.PassOn(index_, std::move(newcomer));
}

void Worker::Serve(Newcomer newcomer) {
  if (!Adopt(std::move(newcomer)).IsClosed()) counters_.connections_accepted.Increment();
}

void Worker::Refuse(Newcomer newcomer) {
  Connection& connection = Adopt(std::move(newcomer));
  if (connection.IsClosed()) return;
  counters_.connections_refused.Increment();
  connection.Refuse();
  if (!population_.IsReserveShort()) return;
  // Bytes left unread would reset the connection, and the answer might be lost with it.
  connection.OnReadable();
  connection.Close();
  ReleaseClosed();
}

/// Closed: the kernel refused to watch it.
Connection& Worker::Adopt(Newcomer newcomer) {
  Connection& connection = connections_.Add(population_.NextSerial(), std::move(newcomer.socket),
                                            std::move(newcomer.seat), *context_);
  if (!context_->poller.Add(connection.socket(), connection.id(), Trigger::kLevel))
    connection.Close();
  return connection;
}

/// An eighth of all connections, by this worker's share.
std::size_t Worker::ManySilent() const {
  const auto workers = static_cast<std::size_t>(options_.threads);
  return std::max<std::size_t>(1, options_.max_connections / (8 * workers));
}

/// Unless a request has arrived there meanwhile.
void Worker::EvictOldest() {
  const IdleShare& idle = context_->idle;
  IdlePlace* const place = idle.ListOf(idle.Judge(Clock::now(), ManySilent())).Oldest();
  if (place == nullptr) return;
  (void)static_cast<Connection*>(place)->Evict();
  ReleaseClosed();
}

/// Level-triggered, a listener that cannot be served would keep the worker spinning.
void Worker::PauseAccepting() {
  if (is_accepting_) context_->poller.Remove(listener_);
  is_accepting_ = false;
  counters_.accept_paused.Increment();
}

/// No answer says `Connection: close` before every worker's listener is closed: its client would
/// connect anew, and a connection in the queue of a listener that closes is reset unanswered.
void Worker::Drain() {
  if (listener_) CloseListener();
  if (population_.HasListeners() || context_->idle_end) return;
  context_->idle_end = Clock::now() + kDrainGrace;
  connections_.ForEach([](Connection& connection) { connection.OnDrain(); });
}

/// Not yet, if it cannot accept the clients that are queued there.
void Worker::CloseListener() {
  if (!AcceptSome(std::numeric_limits<int>::max())) return EvictOldest();
  if (is_accepting_) context_->poller.Remove(listener_);
  is_accepting_ = false;
  listener_.Reset();
  population_.ListenerClosed();
}

void Worker::ReleaseClosed() {
  while (!context_->closed.empty()) connections_.Remove(context_->closed.Take());
}

}  // namespace common::http
