#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/base/guarded.h"

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
class JoinWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long after a join was answered an earlier one may still come into force: the broker is awake.
  static constexpr std::chrono::seconds kLate{60};

  /// Of one client after the other.
  void Attach(rd_kafka_conf_t* conf);

  void Sent();
  void Ended(bool is_answered, Clock::time_point now);
  [[nodiscard]] bool MayComeLate(Clock::time_point now) const;

 private:
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque,
                                   char* error, std::size_t error_size) noexcept;
  static rd_kafka_resp_err_t OnSent(rd_kafka_t* client, int socket, const char* broker,
                                    std::int32_t broker_id, std::int16_t api_key,
                                    std::int16_t api_version, std::int32_t correlation_id,
                                    std::size_t size, void* opaque) noexcept;
  static rd_kafka_resp_err_t OnAnswered(rd_kafka_t* client, int socket, const char* broker,
                                        std::int32_t broker_id, std::int16_t api_key,
                                        std::int16_t api_version, std::int32_t correlation_id,
                                        std::size_t size, std::int64_t rtt, rd_kafka_resp_err_t err,
                                        void* opaque) noexcept;

  struct State {
    bool is_sent = false;  ///< A join is under way.
    bool is_lost = false;  ///< One was sent and ended without an answer,
    std::optional<Clock::time_point> answered_at = {};  ///< and a later one was answered then.
  };
  common::Guarded<State> state_;
};

}  // namespace consumer
