#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace ingest {

/// Estimates how long a provider's refused callbacks may still come back, by its retry schedule.
///
///   A callback refused at t comes back at t + each time of the schedule. ingest does not read
///   refused requests, so it cannot tell which callback came back. It assumes that the callback was
///   accepted if nothing of the provider was refused from that time until kPunctuality later, and
///   that it was refused again otherwise.
///
/// Callbacks refused within 1/256 of the schedule count as one, the first of them.
///
/// Time:    reads no clock; times never go back.
/// Threads: one.
class RetryClock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// How late an attempt may be: the provider's queue, and 10 s of waiting for an answer.
  static constexpr std::chrono::seconds kPunctuality{30};

  /// `schedule`: the attempts after the first one, relative to it. May be empty.
  explicit RetryClock(std::vector<std::chrono::seconds> schedule);

  void Refused(TimePoint now);

  struct Reading {
    Duration left{};  ///< Until the first waiting callback has its last attempt. If none waits: the
                      ///< whole schedule, the longest outage to survive.
    bool has_given_up = false;  ///< A last attempt was refused since the previous reading.
  };
  /// Call about once a second.
  [[nodiscard]] Reading ReadAt(TimePoint now);

 private:
  struct Waiting {
    TimePoint first;           ///< When the first attempt was refused.
    std::size_t next_attempt;  ///< Index into the schedule.
  };

  [[nodiscard]] Duration Span() const;

  const std::vector<std::chrono::seconds> schedule_;
  std::deque<Waiting> waiting_;  ///< In the order of `first`; about 300 at most.
  TimePoint last_refusal_ = TimePoint::min();
};

}  // namespace ingest
