#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/guarded.h"
#include "consumer/kafka/wire_watch.h"

namespace consumer {

/// Tells whether a join of a static member may still reach the coordinator after the member has
/// abandoned it. A frozen broker reads the contents of its sockets when it wakes up, in any order:
/// the old join may take effect after the answered one and then fences the member that made both.
/// The group reports that in the same way as a second instance of the name.
///
///   session over ─► join ─ no answer ─► join ─ answered ─► "fenced"
///                    └──────────── carried out late ──────────┘
///
/// Threads:  notified on librdkafka's threads, queried from any.
/// Lifetime: must outlive the clients.
class JoinWatch final : public WireWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long after an answered join an earlier one may still take effect: the broker is awake.
  static constexpr std::chrono::seconds kLate{60};

  void Sent();
  void Ended(bool is_answered, Clock::time_point now);
  /// True if a late join may be the cause of a fencing. Each one explains one fencing, so that two
  /// instances of one name do not take each other's joins for their own.
  [[nodiscard]] bool TakeLateJoin(Clock::time_point now);

 private:
  void OnSent(std::int16_t api_key) noexcept override;
  void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept override;

  struct State {
    int in_flight = 0;
    int lost = 0;                                       ///< Ended without an answer.
    std::optional<Clock::time_point> answered_at = {};  ///< When a later join was answered.

    [[nodiscard]] bool HasExpired(Clock::time_point now) const;
  };
  common::Guarded<State> state_;
};

}  // namespace consumer
