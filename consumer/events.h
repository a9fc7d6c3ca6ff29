#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/sliding_maximum.h"
#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_throttle.h"
#include "consumer/fetch/account.h"
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
  /// `accounts`: the names of the API's clients. A single one is named nowhere.
  Events(const common::ProviderTable& providers, int lanes, prometheus::Registry& registry,
         const common::Logger& log, std::vector<std::string> accounts = {"assure"});

  void Started(std::uint16_t admin_port, int lanes);
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what);
  void LaneFailed(std::size_t lane, std::string_view code, std::string_view why);
  void CannotRun(std::string_view why);
  void SecretsReloaded();
  void SecretNotReloaded(std::string_view account, std::string_view why);
  void Stopping();
  void Stopped();

 private:
  friend class LaneReporter;

  struct AccountState {
    int in_flight = 0;
    int concurrency_limit = 0;
    bool is_breaker_open = false;
    common::WallTime held_until{};
  };
  struct LaneState {
    LaneGauges gauges;
    std::vector<AccountState> accounts;
    /// By row: how far other clocks are ahead.
    std::vector<std::optional<std::chrono::milliseconds>> ahead{};
  };
  /// Changes the state of one lane and updates the gauges.
  template <typename Change>
  void Update(std::size_t lane, Change change);
  /// Twice for each request: updates this gauge only.
  void SetInFlight(std::size_t lane, AccountIndex account, int in_flight);
  void ShowClocks(const std::vector<LaneState>& lanes);
  void ShowAccounts(const std::vector<LaneState>& lanes);
  /// For log lines; left out if there is only one account.
  [[nodiscard]] common::LogField Named(AccountIndex account) const;

  const common::ProviderTable& providers_;
  const std::vector<std::string> accounts_;
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
      : events_(events),
        lane_(lane),
        clocks_(events.providers_.rows().size()),
        in_flight_(events.accounts_.size()) {}

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

  // These are of the only account. See AccountReporter for several.
  void AttemptFinished(const AttemptReport& report) override { AttemptFinished(0, report); }
  void BreakerOpened() override { BreakerOpened(0); }
  void BreakerClosed(std::chrono::steady_clock::duration open_for) override {
    BreakerClosed(0, open_for);
  }
  void HeldBack(Resource resource, std::chrono::milliseconds wait,
                common::WallTime until) override {
    HeldBack(0, resource, wait, until);
  }
  void ConcurrencyLimitChanged(int limit) override { ConcurrencyLimitChanged(0, limit); }
  void InFlightChanged(int in_flight) override { InFlightChanged(0, in_flight); }

  /// Fetches are in flight, but the lane does not take their results now.
  void ResultsWait() {
    if (has_fetches_) fetch_pulse_.Beat();
  }
  /// Beats with each attempt that ends; rests while none is in flight.
  [[nodiscard]] const Pulse& fetch_pulse() const { return fetch_pulse_; }

 private:
  friend class AccountReporter;

  void AttemptFinished(AccountIndex account, const AttemptReport& report);
  void BreakerOpened(AccountIndex account);
  void BreakerClosed(AccountIndex account, std::chrono::steady_clock::duration open_for);
  void HeldBack(AccountIndex account, Resource resource, std::chrono::milliseconds wait,
                common::WallTime until);
  void ConcurrencyLimitChanged(AccountIndex account, int limit);
  void InFlightChanged(AccountIndex account, int in_flight);

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
  std::vector<int> in_flight_;  ///< By account.
  bool has_fetches_ = false;
};

/// Reports the fetching of one account in a lane.
///
/// Threads: confined to the lane. Lifetime: refers to the lane's reporter.
class AccountReporter final : public FetchEvents {
 public:
  AccountReporter(LaneReporter& lane, AccountIndex account) : lane_(lane), account_(account) {}

  void AttemptFinished(const AttemptReport& report) override {
    lane_.AttemptFinished(account_, report);
  }
  void BreakerOpened() override { lane_.BreakerOpened(account_); }
  void BreakerClosed(std::chrono::steady_clock::duration open_for) override {
    lane_.BreakerClosed(account_, open_for);
  }
  void HeldBack(Resource resource, std::chrono::milliseconds wait,
                common::WallTime until) override {
    lane_.HeldBack(account_, resource, wait, until);
  }
  void ConcurrencyLimitChanged(int limit) override {
    lane_.ConcurrencyLimitChanged(account_, limit);
  }
  void InFlightChanged(int in_flight) override { lane_.InFlightChanged(account_, in_flight); }

 private:
  LaneReporter& lane_;
  AccountIndex account_;
};

}  // namespace consumer
