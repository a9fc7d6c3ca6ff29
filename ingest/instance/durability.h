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

/// Makes callbacks durable: the sink, the threads behind it, and their health.
///
/// Threads:  sink(), health() and PollReports(): any. Everything else: the owner's.
/// Lifetime: calls the listener until Close() has returned.
class Durability {
 public:
  virtual ~Durability() = default;

  [[nodiscard]] virtual CallbackSink& sink() = 0;

  /// Waits briefly for the disk, never for Kafka. Call once, before the first offer.
  /// Errors: kStop if nothing can ever become durable.
  virtual common::Result<void> Start(StorageListener& listener) = 0;

  /// An eventfd that signals new reports to the worker that answers them. Empty if the listener is
  /// called without it.
  [[nodiscard]] virtual const common::Fd& report_event() const = 0;
  /// Passes new reports to the listener, on this thread. Never blocks.
  virtual void PollReports() = 0;

  /// Expires overdue callbacks. Call every few dozen milliseconds, from one thread.
  virtual void PassTime(std::chrono::steady_clock::time_point now) = 0;

  /// Waits for the first check of the topics, at most until the deadline or the stop. False: these
  /// topics would break a promise.
  [[nodiscard]] virtual bool AwaitFirstContact(common::Deadline deadline,
                                               const std::stop_token& stop) = 0;

  [[nodiscard]] virtual DurabilityHealth health() const = 0;

  /// How long before the end of a drain to call GiveUpOnKafka(), given the waiting requests.
  [[nodiscard]] virtual std::chrono::milliseconds TimeWithoutKafka(const Load& waiting) const = 0;
  /// Stores waiting and later callbacks without Kafka, if possible.
  virtual void GiveUpOnKafka() = 0;

  struct Closing {
    std::size_t unsent = 0;  ///< Records without an ack from Kafka.
    bool has_ended = true;   ///< False: a thread still waits for the disk, or for librdkafka.
  };
  /// The longest time that the owner gives to Close().
  static constexpr std::chrono::milliseconds kLongestClose{1000};
  /// Refuses later offers and waits for the threads, at most until the deadline.
  virtual Closing Close(common::Deadline deadline) = 0;
};

}  // namespace ingest
