#include "common/runtime/shutdown.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

namespace common {
namespace {

Fd Checked(int fd, const char* call) {
  if (fd < 0) throw std::system_error(errno, std::system_category(), call);
  return Fd(fd);
}

sigset_t OurSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

/// Blocks the signals first, so that one which arrives before the descriptor exists stays pending.
Fd BlockAndOpenSignals() {
  const sigset_t signals = OurSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return Checked(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

void Raise(const Fd& event) {
  const std::uint64_t one = 1;
  static_cast<void>(::write(event.get(), &one, sizeof one));
}

/// So that the next write makes it readable again.
void Clear(const Fd& event) {
  std::uint64_t count = 0;
  static_cast<void>(::read(event.get(), &count, sizeof count));
}

/// For poll(2).
int ToTimeout(Deadline deadline) {
  return static_cast<int>(std::min<std::chrono::milliseconds::rep>(
      deadline.Remaining().count(), std::numeric_limits<int>::max()));
}

/// True if `fd` becomes readable within the time. A negative time means no limit.
bool IsReadable(int fd, int milliseconds) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) > 0;
}

}  // namespace

Shutdown::Shutdown()
    : requested_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      signals_(BlockAndOpenSignals()),
      woken_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      hangup_thread_([this](const std::stop_token& end) { CallHangupListener(end); }),
      thread_([this](const std::stop_token& end) { Listen(end); }) {}

Shutdown::~Shutdown() {
  thread_.request_stop();
  Raise(woken_);
}

void Shutdown::Listen(const std::stop_token& end) {
  while (!end.stop_requested()) {
    std::array<pollfd, 2> wanted = {{{signals_.get(), POLLIN, 0}, {woken_.get(), POLLIN, 0}}};
    const int ready = ::poll(wanted.data(), wanted.size(), TimeToLimit());
    if (ready > 0 && wanted[1].revents != 0) Clear(woken_);
    if (ready > 0 && wanted[0].revents != 0) HandleSignals();
    if (!end.stop_requested()) EnforceLimit();
  }
}

std::optional<Deadline> Shutdown::StopLimit::Due() const {
  if (!requested_at || !listener) return std::nullopt;
  return Deadline(*requested_at + longest);
}

int Shutdown::TimeToLimit() const {
  const auto due = limit_.With([](const StopLimit& limit) { return limit.Due(); });
  return due ? ToTimeout(*due) : -1;
}

/// Behind the lock, so that a limit that is replaced meanwhile is not enforced.
void Shutdown::EnforceLimit() {
  limit_.With([](StopLimit& limit) {
    const auto due = limit.Due();
    if (due && due->HasPassed()) std::exchange(limit.listener, {})();
  });
}

void Shutdown::LimitStop(std::chrono::milliseconds longest, std::function<void()> listener) {
  limit_.With([&](StopLimit& limit) {
    limit.longest = longest;
    limit.listener = std::move(listener);
  });
  Raise(woken_);
}

void Shutdown::HandleSignals() {
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGHUP) {
      NoteHangup();
    } else if (IsRequested()) {
      ::_exit(1);  // A second signal: the sender does not want to wait.
    } else {
      Request();
    }
  }
}

void Shutdown::NoteHangup() {
  const std::lock_guard lock(hangup_.mutex);
  hangup_.is_pending = true;
  hangup_.changed.notify_all();
}

void Shutdown::CallHangupListener(const std::stop_token& end) {
  std::unique_lock lock(hangup_.mutex);
  while (hangup_.changed.wait(lock, end, [&] { return hangup_.is_pending && hangup_.listener; })) {
    hangup_.is_pending = false;
    hangup_.is_running = true;
    try {
      const std::function<void()> listener = hangup_.listener;
      lock.unlock();
      listener();
    } catch (...) {  // NOLINT(bugprone-empty-catch): see OnHangup.
    }
    if (!lock.owns_lock()) lock.lock();
    hangup_.is_running = false;
    hangup_.changed.notify_all();
  }
}

void Shutdown::OnHangup(std::function<void()> listener) {
  std::unique_lock lock(hangup_.mutex);
  hangup_.listener = {};
  hangup_.changed.wait(lock, [&] { return !hangup_.is_running; });
  hangup_.listener = std::move(listener);
  hangup_.changed.notify_all();
}

bool Shutdown::EndHangups(Deadline deadline) {
  std::unique_lock lock(hangup_.mutex);
  hangup_.listener = {};
  return hangup_.changed.wait_until(lock, deadline.at(), [&] { return !hangup_.is_running; });
}

void Shutdown::Request() {
  limit_.With([](StopLimit& limit) {
    if (!limit.requested_at) limit.requested_at = Deadline::Clock::now();
  });
  Raise(woken_);
  if (source_.request_stop()) Raise(requested_);
}

bool Shutdown::WaitUntil(Deadline deadline) const {
  do {
    if (IsReadable(requested_.get(), ToTimeout(deadline))) return true;
  } while (!deadline.HasPassed());
  return false;
}

void Shutdown::Wait() const {
  while (!IsReadable(requested_.get(), -1)) {
  }
}

}  // namespace common
