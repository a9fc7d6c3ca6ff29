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
  [[nodiscard]] bool MayComeLate(Clock::time_point now) const;

 private:
  void OnSent(std::int16_t api_key) noexcept override;
  void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept override;

  struct State {
    bool is_sent = false;                               ///< A join is in flight.
    bool is_lost = false;                               ///< A join ended without an answer.
    std::optional<Clock::time_point> answered_at = {};  ///< When a later join was answered.
  };
  common::Guarded<State> state_;
};

}  // namespace consumer
