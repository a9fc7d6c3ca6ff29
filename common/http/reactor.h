#pragma once

#include <pistache/reactor.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "common/base/fd.h"
#include "common/base/result.h"

// All that the server uses of Pistache (ADR 0005, ADR 0019).
namespace common::http {

enum class Interest : std::uint8_t { kRead, kWrite, kNothing };
enum class Trigger : std::uint8_t { kLevel, kEdge };
enum class Readiness : std::uint8_t { kReadable, kWritable, kHangup };

/// The epoll of one thread. False means that the kernel refused.
///
/// Errors and hang-ups are reported whatever the interest is.
///
/// Threads: the handler's; before it starts, the owner's.
class Poller {
 public:
  explicit Poller(Pistache::Polling::Epoll& epoll) : epoll_(&epoll) {}

  bool Add(const Fd& fd, std::uint64_t tag, Trigger trigger) { return Add(fd.get(), tag, trigger); }
  bool Add(int fd, std::uint64_t tag, Trigger trigger) {
    using Pistache::Polling::Mode;
    const Mode mode = trigger == Trigger::kEdge ? Mode::Edge : Mode::Level;
    return Try([&] { epoll_->addFd(fd, Flags(Interest::kRead), Tag(tag), mode); });
  }
  bool Change(const Fd& fd, std::uint64_t tag, Interest interest) {
    return Try([&] { epoll_->rearmFd(fd.get(), Flags(interest), Tag(tag)); });
  }
  bool Remove(const Fd& fd) {
    return Try([&] { epoll_->removeFd(fd.get()); });
  }

 private:
  using Tag = Pistache::Polling::Tag;

  static Pistache::Flags<Pistache::Polling::NotifyOn> Flags(Interest interest) {
    using Pistache::Polling::NotifyOn;
    switch (interest) {
      case Interest::kRead:
        return Pistache::Flags<NotifyOn>(NotifyOn::Read);
      case Interest::kWrite:
        return Pistache::Flags<NotifyOn>(NotifyOn::Write);
      case Interest::kNothing:
        break;
    }
    return {};
  }

  template <typename F>
  static bool Try(F&& call) {
    try {
      call();
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  Pistache::Polling::Epoll* epoll_;
};

/// The descriptors that one epoll_wait(2) found ready. A view.
class ReadyEvents {
 public:
  explicit ReadyEvents(const Pistache::Aio::FdSet& events) : events_(events) {}

  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] std::uint64_t TagOf(std::size_t index) const {
    return events_[index].getTag().value();
  }
  [[nodiscard]] Readiness ReadinessOf(std::size_t index) const {
    const auto& event = events_[index];
    // The reactor drops EPOLLERR: an error alone comes without any flag.
    if (event.isHangup() || (!event.isReadable() && !event.isWritable())) return Readiness::kHangup;
    return event.isWritable() ? Readiness::kWritable : Readiness::kReadable;
  }

 private:
  const Pistache::Aio::FdSet& events_;
};

/// Handles the events of one thread of the reactor.
class EventHandler : public Pistache::Aio::Handler {
 public:
  /// Called by Reactor::Add(), before there is a thread.
  virtual void Register(Poller poller) = 0;
  /// Called on the thread. An exception would end the process.
  virtual void OnReady(const ReadyEvents& events) noexcept = 0;

 private:
  void registerPoller(Pistache::Polling::Epoll& epoll) final { Register(Poller(epoll)); }
  void onReady(const Pistache::Aio::FdSet& events) final { OnReady(ReadyEvents(events)); }
  /// Never called: see Reactor::Add().
  [[nodiscard]] std::shared_ptr<Pistache::Aio::Handler> clone() const final { return nullptr; }
};

/// Threads with one epoll each.
///
/// Threads: confined to the owner's.
class Reactor {
 public:
  using Handlers = std::vector<std::shared_ptr<EventHandler>>;

  Reactor() = default;
  ~Reactor() { Stop(); }
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// Registers the handlers. Call once.
  /// Errors: kStop, with what the kernel refused.
  Result<void> Add(const Handlers& handlers);
  /// Starts a thread for each handler.
  /// Errors: kStop, as above.
  Result<void> Run();
  /// Ends the threads and waits for them.
  void Stop();

 private:
  std::shared_ptr<Pistache::Aio::Reactor> reactor_;
};

}  // namespace common::http
