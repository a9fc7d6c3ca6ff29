#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/forgotten_transactions.h"
#include "consumer/kafka/kept_markers.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/marker_reading.h"
#include "consumer/kafka/renewed_reader.h"
#include "consumer/kafka/restore_exchange.h"
#include "consumer/kafka/topic_watch.h"
#include "consumer/lane/pulse.h"
#include "consumer/lane/restorer.h"

namespace consumer {

// For each partition p, in this order:
//
//   L = committed offset of the group         ; stable: no transaction with an offset of p is open,
//       or the log's begin if L is invalid there (FindStarts)
//   T = record time of the first record at or after L on callbacks,
//       of the last one if there is none
//   S = first marker at or after T - reach on callbacks.seen
//   U = last stable offset of callbacks.seen  ; looked up after L
//   E = end of callbacks.seen                 ; looked up after U, including uncommitted records
//   read S to E, read_committed, waiting for open transactions
//   if U < E, look up both again and read on from E; else p may run from L
//
// An attempt that is interrupted leaves the markers that it has read to the next one (KeptMarkers).
//
// A marker written before the look-up of L belongs to a transaction that carries an offset of p. So
// it is below E, or its transaction can never commit (I3 of ADR 0007). One that was open below E
// may be ended as committed by copies of its records, which stand behind E, and before its end.
//
// Kafka can forget to end a transaction on a partition that has no leader (ADR 0015). Then the
// restore waits for L or E until this instance or an operator ends the transaction. Continuing with
// an unstable L would not help and would not be exact: the operator may commit the transaction, and
// its results would then exist twice.

/// Threads:  one of its own; the members are for the lane's, pulse() for any.
/// Lifetime: the destructor waits for the call in progress, at most a few seconds.
class KafkaRestorer final : public Restorer {
 public:
  struct Timing {
    std::chrono::milliseconds look_up{3'000};  ///< One request to the brokers.
    /// Longer than the abort of a transaction that its owner has left open can take: twice 10 s.
    std::chrono::milliseconds stuck_after{60'000};
  };

  /// Errors: kStop, with librdkafka's message.
  static common::Result<std::unique_ptr<KafkaRestorer>> Create(ClientSettings settings,
                                                               std::chrono::seconds reach,
                                                               const common::Logger& log) {
    return Create(std::move(settings), reach, log, Timing());
  }
  static common::Result<std::unique_ptr<KafkaRestorer>> Create(ClientSettings settings,
                                                               std::chrono::seconds reach,
                                                               const common::Logger& log,
                                                               Timing timing);
  ~KafkaRestorer() override = default;

  [[nodiscard]] int fd() const override { return exchange_.fd(); }
  void Restore(RestoreOrder order) override { exchange_.Restore(std::move(order)); }
  [[nodiscard]] std::vector<RestoredPartition> TakeRestored() override {
    return exchange_.TakeRestored();
  }
  void Watch(Standing standing) override { exchange_.Watch(std::move(standing)); }
  [[nodiscard]] std::vector<LogBounds> TakeBounds() override { return exchange_.TakeBounds(); }
  [[nodiscard]] TopicView Topic() override { return exchange_.Topic(); }
  [[nodiscard]] std::vector<StuckRestore> Stuck() override { return exchange_.Stuck(); }
  [[nodiscard]] std::optional<ForgottenPlaces> Forgotten() override {
    return exchange_.Forgotten();
  }
  [[nodiscard]] std::vector<EndedTransaction> TakeEnded() override { return exchange_.TakeEnded(); }

  [[nodiscard]] const Pulse& pulse() const { return pulse_; }

 private:
  using Starts = std::map<Partition, RestoredPartition>;
  using Request = RestoreRequest;

  KafkaRestorer(ClientSettings settings, std::chrono::seconds reach, const common::Logger& log,
                Timing timing, std::unique_ptr<LogReader> reader);
  void Run(const std::stop_token& stop);
  bool Await(Request& request, common::Deadline::Clock::time_point until,
             const std::stop_token& stop);
  /// One attempt for the partitions still missing; removes those done from the request.
  void TryRestore(Request& request, const std::stop_token& stop);
  [[nodiscard]] std::optional<int> CountPartitions(const Request& request);
  [[nodiscard]] CommittedOffsets LookUpStarts(const Request& request, const std::stop_token& stop);
  /// Removes the partitions whose results have an open transaction.
  void RemoveOpen(const Request& request, CommittedOffsets& committed);
  void ReadMarkers(Request& request, MarkerReading::Plan plan, const std::stop_token& stop);
  /// Keeps the tables that were handed over, but not taken.
  void KeepReturned();
  void LookUpBounds(const Request& request);
  /// Reports restores without progress, ends the instance's own forgotten transactions, and
  /// replaces the clients, which may be the cause.
  void ReportStuck(const std::stop_token& stop);
  [[nodiscard]] common::Deadline LookUpDeadline();

  ClientSettings settings_;
  std::chrono::seconds reach_;
  const common::Logger& log_;
  Timing timing_;
  Pulse pulse_;
  RestoreExchange exchange_;

  // Confined to thread_.
  RenewedReader reader_;
  TopicWatch topic_watch_;
  common::Deadline bounds_due_{common::Deadline::Clock::time_point::max()};
  ForgottenTransactions forgotten_;
  KeptMarkers kept_;
  common::Deadline report_due_ = common::Deadline::After(std::chrono::milliseconds(0));

  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
