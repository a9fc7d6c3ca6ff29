#pragma once

#include <chrono>
#include <deque>
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

/// Kafka, with the spool behind it for spooling rows. It is Acceptance's sink and the producer's
/// listener.
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
/// When the first callback of a provider goes to the spool, all others of it that wait for Kafka
/// follow in order. The row `unknown` counts as one provider, whatever the names. Kafka may still
/// store one of these; then it exists twice, like a redelivery. A callback that Kafka refuses for
/// its own sake goes alone. A spool without room, even for this callback only, delays nothing: then
/// Kafka alone decides. A callback that Kafka does not take either waits for the disk as long as
/// its sender waits. Callbacks that wait for a hanging or failing disk are offered to Kafka, too;
/// the first of both that stores one answers it.
///
/// Threads:  any.
/// Lifetime: refers to the table.
class SpoolingSink final : public CallbackSink, public StorageListener {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Now = std::function<TimePoint()>;

  /// `ack_deadline` counts from Offer(). `kafka_at_once` says at once what became of an offer: it
  /// gets the callbacks that wait for a hanging disk. The listener's own deadline must leave the
  /// spool time to commit.
  SpoolingSink(const common::ProviderTable& providers, std::chrono::milliseconds ack_deadline,
               CallbackSink& kafka, CallbackSink& kafka_at_once, Spool& spool,
               RequestEvents& events, Now now = std::chrono::steady_clock::now);

  /// Call before the first Offer().
  void Attach(StorageListener& listener) { listener_ = &listener; }

  [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope envelope) override;

  /// Takes Kafka's reports, both for this sink's own numbers and for replay's.
  void OnReports(std::span<const StorageReport> reports) override;

  /// Ends waits for Kafka whose deadline has passed, and waits for a hanging disk. Call every few
  /// dozen milliseconds.
  void ExpireUntil(TimePoint now);

  /// Gives up on Kafka: spools waiting and later callbacks immediately, or reports them as
  /// unavailable.
  void GiveUpOnKafka();

 private:
  using Row = common::ProviderTable::Index;
  struct Pending {
    CallbackNumber number = 0;  ///< The listener's.
    Row row = 0;
    std::unique_ptr<common::Envelope> envelope{};  ///< Null if the row refuses, or if:
    bool is_in_spool = false;  ///< It waits in the spool, too, so a failure here decides nothing.
  };
  struct State {
    explicit State(std::size_t rows) : may_spool(rows) {}

    InFlight<Pending> in_flight;
    /// By row, oldest first: the numbers of entries with an envelope, and stale ones. A number is
    /// added and removed once, so a failed callback does not scan the others.
    std::vector<std::deque<CallbackNumber>> may_spool;
    bool has_given_up = false;
  };
  using Reports = std::vector<StorageReport>;

  [[nodiscard]] bool MaySpool(Row row) const;
  /// False if the spool has no room. The envelope is then unchanged.
  [[nodiscard]] bool TryToSpool(CallbackNumber number, common::Envelope& envelope);
  /// The same for a callback that Kafka does not take.
  [[nodiscard]] bool SpoolAtLast(CallbackNumber number, common::Envelope& envelope);
  /// Kafka has not accepted the callback of this number. Call with the lock held, so that the
  /// provider's next callback cannot go to Kafka meanwhile.
  void SpoolWithProvider(State& state, CallbackNumber own, Reports& unavailable);
  /// The row's callbacks that wait for Kafka, as far as there is room.
  void SpoolAllOf(State& state, Row row);
  /// Kafka accepts others but not this callback, so others need not follow it to the spool.
  void SpoolOnlyThis(State& state, CallbackNumber own, Reports& unavailable);
  void OfferStalled();
  void Report(const Reports& reports);

  const common::ProviderTable& providers_;
  const std::chrono::milliseconds ack_deadline_;
  CallbackSink& kafka_;
  CallbackSink& kafka_at_once_;
  Spool& spool_;
  RequestEvents& events_;
  const Now now_;
  StorageListener* listener_ = nullptr;
  common::Guarded<State> state_;
};

}  // namespace ingest
