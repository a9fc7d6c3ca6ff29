#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/sliding_maximum.h"
#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_throttle.h"
#include "consumer/fetch/fetch_events.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/pulse.h"
#include "consumer/metrics.h"

namespace consumer {

/// Reports the instance's own events and the gauges that sum over its lanes. The only place that
/// makes metrics and log lines.
///
/// Threads:  any.
/// Lifetime: refers to the providers, the registry and the log.
class Events {
 public:
  Events(const common::ProviderTable& providers, int lanes, prometheus::Registry& registry,
         const common::Logger& log);

  void Started(std::uint16_t admin_port, int lanes);
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what);
  void LaneFailed(std::size_t lane, std::string_view code, std::string_view why);
  void CannotRun(std::string_view why);
  void Stopping();
  void Stopped();

 private:
  friend class LaneReporter;

  struct LaneState {
    LaneGauges gauges;
    int in_flight = 0;
    int concurrency_limit = 0;
    bool is_breaker_open = false;
    common::WallTime held_until{};
    /// By row: how far other clocks are ahead.
    std::vector<std::optional<std::chrono::milliseconds>> ahead{};
  };
  /// Changes the state of one lane and updates the gauges.
  template <typename Change>
  void Update(std::size_t lane, Change change);
  /// Twice for each request: updates this gauge only.
  void SetInFlight(std::size_t lane, int in_flight);
  void ShowClocks(const std::vector<LaneState>& lanes);

  const common::ProviderTable& providers_;
  Metrics metrics_;
  const common::Logger& log_;
  common::Guarded<std::vector<LaneState>> lanes_;
};

/// Reports the events of one lane and its fetching.
///
/// Threads: confined to the lane; fetch_pulse() for any. Lifetime: refers to the events.
class LaneReporter final : public LaneEvents, public FetchEvents {
 public:
  LaneReporter(Events& events, std::size_t lane)
      : events_(events), lane_(lane), clocks_(events.providers_.rows().size()) {}

  void Assigned(std::size_t partitions) override;
  void Revoked(std::size_t partitions, bool is_lost) override;
  void Restored(Partition partition, Offset start, std::size_t keys,
                std::chrono::steady_clock::duration elapsed) override;
  void LogWentBack(Partition partition, Offset position, Offset begin) override;
  void ExpiredUnread(Partition partition, Offset from, Offset to) override;
  void PartitionsChanged(const std::optional<PartitionsChange>& change) override;
  void PartitionsUnread(std::size_t count) override;
  void ClockSeen(common::ProviderTable::Index row, std::chrono::milliseconds ahead) override;
  void DisposedOf(common::ProviderTable::Index row, Disposal disposal,
                  std::optional<std::chrono::milliseconds> waited) override;
  void DeadLettered(const common::CallbackFacts& facts, const common::DeadLetter& letter) override;
  void RecordSetAside(const SetAsideReport& report) override;
  void AcceptedAgain(OutgoingTopic topic, Partition partition, std::size_t count) override;
  void TransactionEnded(const CommitReport& report) override;
  void CommitWithheld() override;
  void ReadingStalled(Partition partition, Offset offset) override;
  void ClientRenewed(std::string_view why) override;
  void ForgottenEnded(const EndedTransaction& ended) override;
  void ExpectedEnded(const ExpectedReport& report) override;
  void ExpectedElsewhere(std::string_view announced, std::string_view came_by) override;
  void ExpectedUnclear(std::string_view process, std::string_view status) override;
  void ExpectedRefused(std::string_view process, RefusalReason reason) override;
  void ExpectedFull(std::size_t outstanding) override;
  void Measured(const LaneGauges& gauges) override;

  void AttemptFinished(const AttemptReport& report) override;
  void BreakerOpened() override;
  void BreakerClosed(std::chrono::steady_clock::duration open_for) override;
  void HeldBack(Resource resource, std::chrono::milliseconds wait, common::WallTime until) override;
  void ConcurrencyLimitChanged(int limit) override;
  void InFlightChanged(int in_flight) override;

  /// Fetches are in flight, but the lane does not take their results now.
  void ResultsWait() {
    if (has_fetches_) fetch_pulse_.Beat();
  }
  /// Beats with each attempt that ends; rests while none is in flight.
  [[nodiscard]] const Pulse& fetch_pulse() const { return fetch_pulse_; }

 private:
  /// How long the greatest clock difference is shown.
  static constexpr std::chrono::minutes kClockWindow{5};
  /// The clock of the machines that received a provider's callbacks.
  struct ReceiverClock {
    common::SlidingMaximum<std::chrono::milliseconds> ahead{kClockWindow};
    std::optional<std::chrono::steady_clock::time_point> warned_at{};
  };

  Events& events_;
  std::size_t lane_;
  std::vector<ReceiverClock> clocks_;  ///< By row.
  common::KeyedLogThrottle throttle_;
  Pulse fetch_pulse_;
  bool has_fetches_ = false;
};

}  // namespace consumer
