#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {

inline LaneSettings Watching(ExpectedFlowSettings expected = {.expected = {.rate = 1'000}}) {
  LaneSettings settings = LaneBench::Quick();
  settings.expected = expected;
  return settings;
}

class ExpectedBench : public LaneBench {
 public:
  explicit ExpectedBench(LaneSettings settings = Watching(), common::ProviderTable rows = {},
                         CallbackTraces* traces = nullptr)
      : LaneBench(std::move(settings), std::move(rows), traces) {
    does_wall_clock_run = true;
  }

  /// The lane reads it at once if it has the partition.
  void Announce(const std::string& process, std::optional<std::chrono::milliseconds> within = {},
                const std::string& provider = "onfido") {
    announcements.Announce(0, process, wall_now, within, provider);
    if (!announcements.followed.empty()) Turn(1);
  }
  /// Time passes for both clocks, and the ends of `callbacks` are looked up.
  void Later(std::chrono::milliseconds time, const std::vector<std::int32_t>& partitions = {0}) {
    Pass(time);
    LookUpEnds(partitions);
  }
  void LookUpEnds(const std::vector<std::int32_t>& partitions = {0}) {
    for (const std::int32_t number : partitions) {
      const Partition partition(number);
      restorer.bounds.push_back({.partition = partition,
                                 .end = Offset(std::ssize(kafka.callbacks[partition])),
                                 .looked_up_at = now});
    }
    Turn();
  }
  [[nodiscard]] std::vector<std::string> Looks() const {
    std::vector<std::string> looks;
    for (const FetchJob& job : fetcher.jobs) {
      if (job.is_look) looks.push_back(job.process.str());
    }
    return looks;
  }
  /// Publishes the callback of a process in full.
  void Handle(const std::string& process, const std::string& status = "accepted") {
    ArrivesNow(process, status);
    Turn();
    fetcher.Finish(process, status);
    Turn();
  }
  void ArrivesNow(const std::string& process, const std::string& status = "accepted",
                  const std::string& provider = "onfido") {
    const std::string body =
        R"({"dossierId":"d","processId":")" + process + R"(","status":")" + status + "\"}";
    auto& log = kafka.callbacks[Partition(0)];
    log.push_back(
        {Partition(), Offset(std::ssize(log)), wall_now, process, body, {{"provider", provider}}});
  }
  void Restart() {
    source.Revoke();
    source.Assign({0});
    Turn();
  }
};

}  // namespace consumer
