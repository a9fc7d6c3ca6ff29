#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/result.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/policy/readiness.h"
#include "ingest/policy/shedding.h"

namespace ingest {

/// All of ingest that makes callbacks durable, as one thing: what takes them, the threads behind it,
/// and what is known of its health.
///
/// Threads:  sink(), health() and TakeReports() from any, the rest from the owner's.
/// Lifetime: the listener is called until Close() has returned.
class Durability {
 public:
  virtual ~Durability() = default;

  [[nodiscard]] virtual CallbackSink& sink() = 0;

  /// Waits a moment for the disk, never for Kafka. To be called once, before the first offer.
  /// Errors: kStop if it can never take anything.
  virtual common::Result<void> Start(StorageListener& listener) = 0;

  /// An eventfd that is written to when reports have come, for the worker that answers them; none:
  /// the listener is told without that.
  [[nodiscard]] virtual const common::Fd& report_event() const = 0;
  /// Tells the listener what has come, on this thread. Never blocks.
  virtual void TakeReports() = 0;

  /// Notices what is overdue. To be called every few dozen milliseconds, by one thread.
  virtual void PassTime(std::chrono::steady_clock::time_point now) = 0;

  /// Waits until the topics have been checked once, at the latest until the deadline or the stop.
  /// False: with these topics a promise would not hold.
  [[nodiscard]] virtual bool AwaitFirstContact(common::Deadline deadline,
                                               const std::stop_token& stop) = 0;

  [[nodiscard]] virtual DurabilityHealth health() const = 0;

  /// How long before the end of a drain GiveUpOnKafka() is due for what waits.
  [[nodiscard]] virtual std::chrono::milliseconds TimeWithoutKafka(const Load& waiting) const = 0;
  /// What waits for Kafka, and what comes, is stored without it where that is possible.
  virtual void GiveUpOnKafka() = 0;

  struct Closing {
    std::size_t unsent = 0;  ///< Records that Kafka has not acknowledged.
    bool has_ended = true;   ///< False: a disk has not answered, and a thread still waits for it.
  };
  /// Refuses what is offered from now on, and ends the threads; takes a second at most.
  virtual Closing Close() = 0;
};

}  // namespace ingest
