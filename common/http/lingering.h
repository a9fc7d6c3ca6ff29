#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "common/base/fd.h"

namespace common::http {

/// The end of a connection, in which the client can still read its answer: a close(2) with unread
/// bytes would reset the connection, and the client might lose what it had not read yet.
///
/// Time: reads no clock.
class Lingering {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Ends our half.
  void Begin(const Fd& socket, TimePoint now);
  /// Reads away what has come. False: it is time to close. `max_body`: so much, and a little more,
  /// is read of what a client goes on sending.
  [[nodiscard]] bool Discard(const Fd& socket, std::span<char> buffer, std::size_t max_body);
  [[nodiscard]] TimePoint due() const;

 private:
  TimePoint since_{};
  std::size_t discarded_ = 0;
};

}  // namespace common::http
