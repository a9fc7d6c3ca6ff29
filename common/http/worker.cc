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
using Pistache::Polling::Mode;

constexpr std::size_t kInputSize =
    std::size_t{64} * 1024;  // at most so much of one client per wake-up
constexpr auto kDrainGrace = std::chrono::seconds(1);
constexpr int kAcceptsPerEvent = 64;
constexpr std::uint64_t kSurplusAtOnce = 64;  // connections beyond the cap, until there is room
constexpr int kEvictionTries = 16;            // a request may have arrived meanwhile

// Tags of epoll events beside connection ids.
constexpr std::uint64_t kCompletionTag = 1;
constexpr std::uint64_t kTickTag = 2;
constexpr std::uint64_t kListenerTag = 3;
constexpr std::uint64_t kWatchTag = 4;
static_assert(kWatchTag <= kMaxTag);

constexpr std::uint32_t kWatchingWorker = 0;

/// Whose thread this is, while it is in onReady().
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
      tick_(MakeTick()) {}

Worker::~Worker() {
  connections_.ForEach([](Connection& connection) { connection.Close(); });
}

void Worker::registerPoller(Pistache::Polling::Epoll& epoll) {
  context_.emplace(WorkerContext{.worker = index_,
                                 .options = options_,
                                 .service = GuardedService(service_, counters_.service_exceptions),
                                 .poller = Poller(epoll),
                                 .timers = timers_,
                                 .counters = counters_,
                                 .idle = population_.idle(index_),
                                 .input = std::vector<char>(kInputSize),
                                 .head = {},
                                 .closed = {},
                                 .idle_end = {}});
  Poller& poller = context_->poller;
  is_registered_ = tick_ && completions_.event() &&
                   poller.Add(completions_.event(), kCompletionTag, Mode::Edge) &&
                   poller.Add(tick_, kTickTag, Mode::Level) &&
                   poller.Add(listener_, kListenerTag, Mode::Level) &&
                   (!Watches() || poller.Add(options_.watch.event, kWatchTag, Mode::Edge));
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

/// An exception that left here would end the process: the reactor has no catch. Events are
/// level-triggered, so what was not done for want of memory comes again.
void Worker::onReady(const Pistache::Aio::FdSet& events) {
  running_worker = this;
  try {
    Dispatch(events);
  } catch (...) {
    ReleaseClosed();
  }
  running_worker = nullptr;
  if (std::exchange(has_own_completions_, false)) Wake();
}

void Worker::Dispatch(const Pistache::Aio::FdSet& events) {
  bool has_completions = false;
  bool has_watch = false;
  bool has_tick = false;
  bool has_clients = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& event = events[i];
    switch (event.getTag().value()) {
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
        if (Connection* connection = connections_.Find(event.getTag().value())) {
          OnConnectionEvent(*connection, event);
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

void Worker::OnConnectionEvent(Connection& connection, const Pistache::Aio::FdSet::Entry& event) {
  try {
    // The reactor drops EPOLLERR: an error alone comes without any flag.
    if (event.isHangup() || (!event.isReadable() && !event.isWritable())) {
      connection.OnHangup();
    } else if (event.isWritable()) {
      connection.OnWritable();
    } else {
      connection.OnReadable();
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
  OnEvictionsAsked();
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

void Worker::OnEvictionsAsked() {
  const std::uint64_t asked = population_.TakeEvictionsAsked(index_);
  // The connections that it was asked for may be there already.
  if (asked > 0) EvictUntilRoom(asked, 0);
}

void Worker::OnTick() {
  std::uint64_t expirations = 0;
  (void)!::read(tick_.get(), &expirations, sizeof expirations);
  timers_.Advance(Clock::now());
  if (!is_accepting_ && listener_) {
    is_accepting_ = context_->poller.Add(listener_, kListenerTag, Mode::Level);
  }
}

void Worker::AcceptSome(int limit) {
  for (int i = 0; i < limit; ++i) {
    Accepted accepted = Accept(listener_);
    switch (accepted.outcome) {
      case AcceptOutcome::kAccepted:
        Adopt(std::move(accepted.socket));
        break;
      case AcceptOutcome::kRetry:
        break;
      case AcceptOutcome::kNoResource:
        return PauseAccepting();
      case AcceptOutcome::kNothing:
        return;
    }
  }
}

/// True: one of the idle connections goes, perhaps a little later: that is for as many as the
/// descriptors suffice for, since the other worker may find nobody idle any more.
bool Worker::MakeRoom() {
  const auto worker = population_.FindIdleWorker(index_, Clock::now(), ManySilent());
  if (!worker) return false;
  if (*worker == index_) return EvictUntilRoom(1, 1);
  population_.AskToEvict(*worker);
  return population_.open() < options_.max_connections + kSurplusAtOnce;
}

/// Takes a surplus back as well, but from nobody who was only just accepted: at most `wanted` of
/// those go. Beyond `wanted`, no more go than leave `places` free. True: there is room for a
/// connection, if only in the place of another.
bool Worker::EvictUntilRoom(std::uint64_t wanted, std::uint64_t places) {
  bool has_evicted = false;
  while (population_.open() + (wanted > 0 ? 1 : places) > options_.max_connections) {
    if (!EvictOne(wanted > 0 ? MakesRoom::kFreshSilent : MakesRoom::kKept)) return has_evicted;
    has_evicted = true;
    if (wanted > 0) --wanted;
  }
  return true;
}

/// An eighth of all connections, by this worker's share.
std::size_t Worker::ManySilent() const {
  const auto workers = static_cast<std::size_t>(options_.threads);
  return std::max<std::size_t>(1, options_.max_connections / (8 * workers));
}

bool Worker::EvictOne(MakesRoom least) {
  for (int tries = 0; tries < kEvictionTries; ++tries) {
    const IdleShare& idle = context_->idle;
    const MakesRoom judged = idle.Judge(Clock::now(), ManySilent());
    if (judged < least) return false;
    IdlePlace* const place = judged == MakesRoom::kKept ? idle.kept.Oldest() : idle.silent.Oldest();
    if (static_cast<Connection*>(place)->Evict()) {
      ReleaseClosed();
      return true;
    }
  }
  return false;
}

void Worker::Adopt(Fd socket) {
  const bool has_room = population_.open() < options_.max_connections || MakeRoom();
  const std::uint64_t others = population_.open();
  Connection& connection = connections_.Add(population_.NextSerial(), std::move(socket), *context_);
  population_.Opened();
  if (!context_->poller.Add(connection.socket(), connection.id(), Mode::Level)) {
    return connection.Close();
  }
  if (has_room) return counters_.connections_accepted.Increment();
  counters_.connections_refused.Increment();
  connection.Refuse();
  if (others >= options_.max_connections + kSurplusAtOnce) connection.Close();
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

void Worker::CloseListener() {
  AcceptSome(std::numeric_limits<int>::max());
  if (is_accepting_) context_->poller.Remove(listener_);
  is_accepting_ = false;
  listener_.Reset();
  population_.ListenerClosed();
}

void Worker::ReleaseClosed() {
  while (!context_->closed.empty()) {
    if (connections_.Remove(context_->closed.Take())) population_.Closed();
  }
}

}  // namespace common::http
