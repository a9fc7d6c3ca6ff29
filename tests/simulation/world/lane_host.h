#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/telemetry/log.h"
#include "consumer/fetch/fetch_scheduler.h"
#include "consumer/kafka/kafka_announcements.h"
#include "consumer/kafka/kafka_committer.h"
#include "consumer/kafka/kafka_restorer.h"
#include "consumer/lane/lane.h"
#include "consumer/lane/lane_loop.h"
#include "tests/simulation/clients/assure_api.h"
#include "tests/simulation/clients/model_source.h"
#include "tests/simulation/world/signals.h"

namespace simulation {

/// A lane as consumer/lane_unit.h builds it, on the model cluster: everything but its three
/// librdkafka clients and libcurl is real code. Runs as a fiber of its host.
class LaneHost {
 public:
  struct Dependencies {
    Runtime& runtime;
    Host& host;
    AssureApi& api;
    const common::ProviderTable& providers;
    const common::Logger& log;
    Judge& judge;
    std::uint64_t seed;
    bool watches_expected;  ///< Announced processes.
  };
  LaneHost(const Dependencies& from, const std::string& instance);
  ~LaneHost() = default;
  LaneHost(const LaneHost&) = delete;
  LaneHost& operator=(const LaneHost&) = delete;

  /// Until a stop or a failure; in a fiber.
  void Run();
  void Stop() {
    stop_.request_stop();
    Wake();
  }
  /// Something may have come for the lane.
  void Wake();
  [[nodiscard]] Runtime::FiberId fiber() const { return fiber_; }

  [[nodiscard]] const Signals& signals() const { return signals_; }
  [[nodiscard]] const consumer::LaneStatus& status() const { return status_; }
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  void Wait(std::chrono::milliseconds timeout);

  Runtime& runtime_;
  Runtime::FiberId fiber_ = 0;
  bool is_woken_ = false;
  bool has_failed_ = false;
  std::stop_source stop_;
  Signals signals_;
  consumer::LaneStatus status_;
  ModelSource source_;
  std::unique_ptr<consumer::KafkaRestorer> restorer_;
  std::unique_ptr<consumer::KafkaAnnouncements> announcements_;  ///< Null: they are not watched.
  consumer::KafkaCommitter committer_;
  ModelTransport transport_;
  consumer::FetchScheduler scheduler_;
  consumer::ScheduledFetcher fetcher_;
  consumer::Lane lane_;
};

}  // namespace simulation
