#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace ingest {

/// How long the refused callbacks of one provider may still come back, as its schedule has it.
///
///   A callback that was refused at t comes back at t + each time of the schedule. Refused requests
///   are not read, so nobody knows which one it is: it counts as taken if nothing of the provider
///   was refused from that time until kPunctuality later, and as refused again if something was.
///
/// Callbacks refused within a 256th of the schedule are taken for one, the first of them.
///
/// Time:    reads no clock; times never go back.
/// Threads: one.
class RetryClock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// How late an attempt may be: a provider's queue, and 10 s in which it waited for an answer.
  static constexpr std::chrono::seconds kPunctuality{30};

  /// `schedule`: the attempts after the first, counted from it; may be empty.
  explicit RetryClock(std::vector<std::chrono::seconds> schedule);

  void Refused(TimePoint now);

  struct Reading {
    Duration left{};  ///< Until the first of them has its last attempt; the whole schedule if none
                      ///< waits: what an outage that began now could take.
    bool has_given_up = false;  ///< A last attempt was refused since the reading before.
  };
  /// To be called every second or so.
  [[nodiscard]] Reading ReadAt(TimePoint now);

 private:
  struct Waiting {
    TimePoint first;           ///< Attempt.
    std::size_t next_attempt;  ///< Of the schedule.
  };

  [[nodiscard]] Duration Span() const;

  const std::vector<std::chrono::seconds> schedule_;
  std::deque<Waiting> waiting_;  ///< In the order of `first`; at most some 300.
  TimePoint last_refusal_ = TimePoint::min();
};

}  // namespace ingest
