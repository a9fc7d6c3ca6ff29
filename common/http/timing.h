#pragma once

#include <chrono>
#include <optional>

#include "common/http/server.h"

namespace common::http {

/// When things happened on one connection, and until when the next thing has to. Reads no clock.
struct Timing {
  using TimePoint = std::chrono::steady_clock::time_point;

  TimePoint idle_since{};  ///< Accepted, or about to send the end of the last answer.
  TimePoint arrival{};     ///< Of the bytes that are being taken.
  TimePoint first_byte{};  ///< Of the current request: when it arrived, not when its turn came.
  TimePoint head_at{};     ///< The current request's head was read.
  bool has_asked = false;  ///< Some request was made on this connection.

  [[nodiscard]] TimePoint AnswerDue(const ServerOptions& options) const;
  /// A pipelined request is not blamed for the time before its turn.
  [[nodiscard]] TimePoint HeadDue(const ServerOptions& options) const;
  [[nodiscard]] TimePoint BodyDue(const ServerOptions& options) const;
  /// Of a refused request, which is answered already.
  [[nodiscard]] TimePoint SkippedBodyDue(const ServerOptions& options) const;
  /// `latest`: the end of a drain's grace period.
  [[nodiscard]] TimePoint IdleDue(const ServerOptions& options,
                                  std::optional<TimePoint> latest) const;
};

}  // namespace common::http
