#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/guarded.h"
#include "consumer/kafka/wire_watch.h"

namespace consumer {

/// Sees whether a join of a static member may still be under way to the coordinator after the member
/// has given up on it. A broker that was frozen reads what its sockets hold when it wakes up, and in
/// any order: the old join may come into force after the one that was answered, and then fences the
/// member that made both. The group answers that as it answers a second instance of the name.
///
///   session over ─► join ─ no answer ─► join ─ answered ─► "fenced"
///                    └──────────── carried out late ──────────┘
///
/// Threads:  told on librdkafka's threads, asked from any.
/// Lifetime: must outlive the clients.
class JoinWatch final : public WireWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long after a join was answered an earlier one may still come into force: the broker is awake.
  static constexpr std::chrono::seconds kLate{60};

  void Sent();
  void Ended(bool is_answered, Clock::time_point now);
  [[nodiscard]] bool MayComeLate(Clock::time_point now) const;

 private:
  void OnSent(std::int16_t api_key) noexcept override;
  void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept override;

  struct State {
    bool is_sent = false;  ///< A join is under way.
    bool is_lost = false;  ///< One was sent and ended without an answer,
    std::optional<Clock::time_point> answered_at = {};  ///< and a later one was answered then.
  };
  common::Guarded<State> state_;
};

}  // namespace consumer
