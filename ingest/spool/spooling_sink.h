#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "common/domain/provider_rules.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/acceptance/in_flight.h"
#include "ingest/spool/spool.h"

namespace ingest {

class RequestEvents;

/// Kafka with the spool behind it, for the rows that say so; the sink of Acceptance and the
/// listener of the producer.
///
///   Offer --refuse row-----------------------------> Kafka --> stored | unavailable
///     |                                                |
///     |                                                +--ack deadline--> unavailable
///     +--spool row, none of its provider on disk-----> Kafka --> stored
///     |                                                |
///     |                                                +--refused, unavailable, ack deadline--+
///     |                                                                                       |
///     +--spool row, some wait: it must not overtake them-----------------> spool <------------+
///                                                                            |
///                                                                            +--> spooled
///                                                                            +--> unavailable
///
/// With the first callback of a provider all the others of it that wait for Kafka go to the spool,
/// in their order. Kafka may still take one of these: then it is there twice, as if redelivered. A
/// callback that Kafka refuses for what it is goes alone. A spool that takes nothing holds up
/// nobody: then Kafka alone decides. What waits for a disk that hangs is offered to Kafka, too, and
/// answered by the first of both that has it.
///
/// Threads:  any.
/// Lifetime: refers to the table.
class SpoolingSink final : public CallbackSink, public StorageListener {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Now = std::function<TimePoint()>;

  /// `ack_deadline` is measured from Offer(); the listener's own must leave the spool time to
  /// commit.
  SpoolingSink(const common::ProviderTable& providers, std::chrono::milliseconds ack_deadline,
               CallbackSink& kafka, Spool& spool, RequestEvents& events,
               Now now = std::chrono::steady_clock::now);

  /// Before the first Offer().
  void Attach(StorageListener& listener) { listener_ = &listener; }

  [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope envelope) override;

  /// Reports of Kafka: those of this sink's own numbers, and those of replay.
  void OnReports(std::span<const StorageReport> reports) override;

  /// Ends the wait for Kafka where its deadline is over, and that for a disk that hangs. To be
  /// called every few dozen milliseconds.
  void ExpireUntil(TimePoint now);

  /// Gives up on Kafka: what waits, and what comes, is spooled or unavailable at once.
  void GiveUpOnKafka();

 private:
  struct Pending {
    CallbackNumber number = 0;                     ///< The listener's.
    std::unique_ptr<common::Envelope> envelope{};  ///< Null: the row refuses, or:
    bool is_in_spool = false;  ///< It waits there, too: what fails here decides nothing.
  };
  struct State {
    InFlight<Pending> in_flight;
    bool has_given_up = false;
  };
  using Reports = std::vector<StorageReport>;

  [[nodiscard]] bool MaySpool(const common::Envelope& envelope) const;
  /// Kafka does not take the one of that number. To be called with the lock held, so that nobody
  /// sees the provider's next callback go to Kafka in between.
  void TakeFromKafka(State& state, CallbackNumber own, Reports& unavailable);
  /// Kafka takes others, but not the one of that number, which nobody need follow to the spool.
  void TakeAlone(State& state, CallbackNumber own, Reports& unavailable);
  void OfferStalled();
  void Report(const Reports& reports);

  const common::ProviderTable& providers_;
  const std::chrono::milliseconds ack_deadline_;
  CallbackSink& kafka_;
  Spool& spool_;
  RequestEvents& events_;
  const Now now_;
  StorageListener* listener_ = nullptr;
  common::Guarded<State> state_;
};

}  // namespace ingest
