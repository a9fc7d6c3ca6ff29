#pragma once

#include <array>
#include <functional>
#include <utility>

#include "consumer/fetch/fetch_events.h"
#include "consumer/lane/lane_events.h"
#include "tests/simulation/world/judge.h"

namespace simulation {

/// The signals of one lane: the inputs of health, lag and alerts.
class Signals final : public consumer::LaneEvents, public consumer::FetchEvents {
 public:
  /// Ignores the reports of a dead host.
  Signals(Judge& judge, const Host& host, std::function<Member()> member)
      : judge_(judge), host_(host), member_(std::move(member)) {}

  void Assigned(std::size_t /*partitions*/) override { ++assignments; }
  void Revoked(std::size_t /*partitions*/, bool /*is_lost*/) override {}
  void Restored(consumer::Partition partition, consumer::Offset start, std::size_t /*keys*/,
                std::chrono::steady_clock::duration /*elapsed*/) override {
    ++restored;
    if (!host_.is_dead) judge_.Restored(partition.number(), start.number(), member_());
  }
  void ClockSeen(common::ProviderTable::Index /*row*/,
                 std::chrono::milliseconds /*ahead*/) override {}
  void LogWentBack(consumer::Partition partition, consumer::Offset /*position*/,
                   consumer::Offset /*begin*/) override {
    ++went_back;
    if (!host_.is_dead) judge_.WentBack(partition.number());
  }
  void ExpiredUnread(consumer::Partition partition, consumer::Offset from,
                     consumer::Offset to) override {
    ++expired_unread;
    if (!host_.is_dead) judge_.ExpiredUnread(partition.number(), from.number(), to.number());
  }
  void PartitionsChanged(const std::optional<consumer::PartitionsChange>& change) override {
    refuses_partitions = change.has_value();
  }
  void PartitionsUnread(std::size_t /*count*/) override {}
  void DisposedOf(common::ProviderTable::Index /*row*/, consumer::Disposal /*disposal*/,
                  std::optional<std::chrono::milliseconds> /*waited*/) override {
    ++disposed;
  }
  void DeadLettered(const common::CallbackFacts& /*facts*/,
                    const common::DeadLetter& /*letter*/) override {}
  void RecordSetAside(const consumer::SetAsideReport& /*report*/) override { ++set_aside; }
  void AcceptedAgain(consumer::OutgoingTopic /*topic*/, consumer::Partition /*partition*/,
                     std::size_t /*count*/) override {}
  void TransactionEnded(const consumer::CommitReport& report) override {
    ++transactions[static_cast<std::size_t>(report.outcome)];
  }
  void CommitWithheld() override { ++withheld; }
  void ReadingStalled(consumer::Partition /*partition*/, consumer::Offset /*offset*/) override {
    ++stalls;
  }
  void ClientRenewed(std::string_view /*why*/) override { ++renewals; }
  void ForgottenEnded(const consumer::EndedTransaction& /*ended*/) override { ++forgotten_ended; }
  void ExpectedEnded(const consumer::ExpectedReport& report) override {
    if (!host_.is_dead) judge_.StoppedWaiting(report);
  }
  void ExpectedElsewhere(std::string_view /*announced*/, std::string_view /*came_by*/) override {}
  void ExpectedUnclear(std::string_view /*process*/, std::string_view /*status*/) override {}
  void ExpectedRefused(std::string_view /*process*/, consumer::RefusalReason /*reason*/) override {}
  void ExpectedFull(std::size_t /*outstanding*/) override {}
  void Measured(const consumer::LaneGauges& measured) override { gauges = measured; }

  void AttemptFinished(const consumer::AttemptReport& /*report*/) override {}
  void BreakerOpened() override { is_breaker_open = true; }
  void BreakerClosed(std::chrono::steady_clock::duration /*open_for*/) override {
    is_breaker_open = false;
  }
  void HeldBack(consumer::Resource /*resource*/, std::chrono::milliseconds /*wait*/,
                common::WallTime /*until*/) override {}
  void ConcurrencyLimitChanged(int /*limit*/) override {}
  void InFlightChanged(int count) override { in_flight = count; }

  consumer::LaneGauges gauges;
  bool is_breaker_open = false;
  bool refuses_partitions = false;
  int in_flight = 0;
  int assignments = 0;
  int restored = 0;
  int went_back = 0;
  int expired_unread = 0;
  int disposed = 0;
  int set_aside = 0;
  int withheld = 0;
  int stalls = 0;
  int renewals = 0;
  int forgotten_ended = 0;
  std::array<int, 3> transactions{};  ///< By CommitOutcome.

 private:
  Judge& judge_;
  const Host& host_;
  std::function<Member()> member_;
};

}  // namespace simulation
