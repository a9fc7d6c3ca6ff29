#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "ops/simulator/delivery_plan.h"
#include "ops/simulator/latency_histogram.h"
#include "ops/simulator/synthetic_event.h"

namespace simulator {

/// Counts the answers of a run and renders its report.
class DeliveryReport {
 public:
  struct Answer {
    std::size_t provider = 0;  ///< Index into kProviders.
    int status = 0;            ///< 0: no answer, so no latency.
    LatencyHistogram::Duration since_due{};
    LatencyHistogram::Duration since_sent{};
  };
  void Count(const Answer& answer);
  /// `status` 0: no answer.
  void CountEvent(EventKind kind, int status) {
    ++event_statuses_.at(static_cast<std::size_t>(kind))[status];
  }

  /// {"seed":…,"callbacks":…,"attempts":…,"acknowledged":…,"lost":…,"unfinished":…,"penalties":…,
  ///  "duplicates":…,"unsent":…,"statuses":{"200":…,"none":…},"providers":{"onfido":{…,"statuses":{…}},…},
  ///  "events":{"late":…,"answers":{"first":{"200":…},"forged":{…},…}},
  ///  "latency_ms":{"p50":…,"p99":…,"max":…},"answer_ms":{…},"duration_s":…}
  /// `events` only if some were answered; it alone counts the kinds that must be refused.
  /// latency_ms starts when a delivery was due, answer_ms when it was sent.
  [[nodiscard]] std::string ToJson(const DeliveryPlan& plan, std::uint64_t seed,
                                   std::chrono::duration<double> duration) const;

 private:
  using Statuses = std::map<int, std::uint64_t>;
  static std::string ToJson(const Statuses& statuses);
  /// Empty if no event was answered.
  [[nodiscard]] std::string EventsToJson(std::uint64_t late) const;

  std::array<Statuses, kProviders.size()> statuses_;
  std::array<Statuses, kEventKinds> event_statuses_;
  LatencyHistogram since_due_;
  LatencyHistogram since_sent_;
};

/// A line of the ids file: provider dossierId processId status acknowledged attempts, separated by
/// spaces; acknowledged is yes or no, or unsent.
[[nodiscard]] std::string IdsLine(const SyntheticCallback& callback,
                                  const DeliveryPlan::Fate& fate);

}  // namespace simulator
