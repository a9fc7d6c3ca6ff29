#pragma once

#include <sys/eventfd.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "common/base/fd.h"
#include "common/base/guarded.h"
#include "common/base/reserve.h"
#include "common/http/message.h"

namespace common::http {

/// Answers on their way to the worker that owns the connection.
///
/// No wake-up is lost: whoever finds the queue empty wakes the worker after the push, and the
/// worker takes everything after the event. The eventfd is polled edge-triggered and so is never
/// read.
///
/// Threads: Push() and Wake() from any; Take() from the worker.
class CompletionQueue {
 public:
  CompletionQueue() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  [[nodiscard]] const Fd& event() const { return event_; }

  /// Moves them out of `completions`, of which there is at least one. True: the worker must be
  /// woken.
  /// Errors: std::bad_alloc; then none of them was taken, and the next ones wake the worker.
  [[nodiscard]] bool Push(std::span<Completion> completions) {
    return queue_.With([&](auto& queue) {
      ReserveMore(queue, completions.size());
      std::ranges::move(completions, std::back_inserter(queue));
      return queue.size() == completions.size();
    });
  }

  void Wake() const { ::eventfd_write(event_.get(), 1); }

  /// Replaces the contents of `taken`, whose memory is used for the next ones.
  void Take(std::vector<Completion>& taken) {
    taken.clear();
    queue_.With([&](auto& queue) { queue.swap(taken); });
  }

 private:
  Fd event_;
  Guarded<std::vector<Completion>> queue_;
};

}  // namespace common::http
