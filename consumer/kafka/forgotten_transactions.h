#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

#include "common/base/deadline.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/forgotten_ender.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/partition_count.h"
#include "consumer/kafka/restore_exchange.h"

namespace consumer {

/// Finds the transactions that Kafka forgot to end on the topics that consumer writes, reports
/// them, and ends the instance's own that hold up a restore (ADR 0015).
///
/// Threads:  confined to the restorer's.
/// Lifetime: the arguments of the constructor must outlive it.
class ForgottenTransactions {
 public:
  using NewDeadline = std::function<common::Deadline()>;

  ForgottenTransactions(const ClientSettings& settings, std::chrono::milliseconds stuck_after,
                        RestoreExchange& exchange, const common::Logger& log)
      : settings_(settings),
        stuck_after_(stuck_after),
        exchange_(exchange),
        log_(log),
        ender_(settings),
        dead_partitions_(settings.topics.dead) {}

  /// Looks at these partitions of `processes` and `callbacks.seen`, and at all dead letters.
  void Look(LogReader& reader, const std::vector<Partition>& partitions,
            const NewDeadline& new_deadline);
  /// Tries to end the forgotten ones. Does nothing if the last attempt is not long ago. Calls
  /// `beat` between the steps.
  void End(LogReader& reader, const std::vector<StuckRestore>& stuck,
           const std::function<void()>& beat, const std::stop_token& stop);

 private:
  void Report(LogReader& reader, const NewDeadline& new_deadline);
  [[nodiscard]] bool IsForgotten(const StuckRestore& stuck);

  const ClientSettings& settings_;
  const std::chrono::milliseconds stuck_after_;
  RestoreExchange& exchange_;
  const common::Logger& log_;
  ForgottenEnder ender_;
  PartitionCount dead_partitions_;
  common::Deadline report_due_ = common::Deadline::After(std::chrono::milliseconds(0));
  common::Deadline end_due_ = common::Deadline::After(std::chrono::milliseconds(0));
};

}  // namespace consumer
