#pragma once

#include <pistache/os.h>

#include <cstdint>
#include <exception>

#include "common/base/fd.h"

namespace common::http {

enum class Interest : std::uint8_t { kRead, kWrite, kNothing };

/// Pistache's epoll without its exceptions: false means that the kernel refused.
///
/// Errors and hang-ups are reported whatever the interest is.
///
/// Threads: the worker's; before it starts, the owner's.
class Poller {
 public:
  explicit Poller(Pistache::Polling::Epoll& epoll) : epoll_(&epoll) {}

  bool Add(const Fd& fd, std::uint64_t tag, Pistache::Polling::Mode mode) {
    return Add(fd.get(), tag, mode);
  }
  bool Add(int fd, std::uint64_t tag, Pistache::Polling::Mode mode) {
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

}  // namespace common::http
