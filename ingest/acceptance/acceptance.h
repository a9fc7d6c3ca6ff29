#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/acceptance/in_flight.h"
#include "ingest/acceptance/pending_responses.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/policy/answer.h"
#include "ingest/policy/shedding.h"
#include "ingest/policy/shedding_episode.h"

namespace ingest {

class RequestEvents;

/// A request that Authenticity accepts.
///
/// Lifetime: views, valid during the call that receives them.
struct CallbackRequest {
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  std::string_view provider;  ///< The stored name: the row's, or the path of an unknown provider.
  std::string_view body;
  RefusalCost refusal_cost = RefusalCost::kNever;
  bool is_sender_known = true;  ///< False: anybody may have sent it.
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> traceparent;    ///< Possibly invalid.
  std::optional<std::string_view> tracestate;     ///< The same. Kept beside a valid traceparent.
  common::WallTime received_at{};                 ///< When the head had been read.
  const common::EventExtract* extract = nullptr;  ///< Of an event: where it has its values.
  std::optional<std::string_view> event_id;       ///< From a header of the request, in UTF-8.
  /// Of the row `unknown`: the name of the row whose secret it has.
  std::optional<std::string_view> authenticated_as = {};
};

/// Takes one request from its facts to its answer. The answer follows durability: either the sink's
/// report or the request's own deadline decides, whichever comes first. The later one is only
/// counted.
///
///   Accept --refused--> answered at once
///      |
///      +--taken--> waiting --report: stored------> 200
///                     |-----report: spooled-----> 200
///                     |-----report: unavailable--> the row's transient status
///                     +-----deadline-------------> the row's transient status
///
/// A sink that stores callbacks elsewhere while Kafka is unavailable is a decorator of the sink. It
/// limits the time that Kafka gets; the deadline here then covers both.
///
/// Threads: any.
class Acceptance final : public StorageListener {
 public:
  struct Options {
    LoadBounds bounds;
    std::chrono::milliseconds ack_deadline{4'000};  ///< Counted from Accept().
  };
  using TimePoint = std::chrono::steady_clock::time_point;

  Acceptance(const Options& options, CallbackSink& sink, PendingResponses& responses,
             RequestIds& ids, RequestEvents& events);

  /// Returns the situation to answer immediately. Otherwise PendingResponses::Answer() follows for
  /// `waiting`, possibly before this call returns.
  [[nodiscard]] std::optional<Situation> Accept(const CallbackRequest& request,
                                                const WaitingRequest& waiting, TimePoint now);

  /// Counts `more` bytes of a request that is being received and has `own` bytes already. False if
  /// the request must be shed; then nothing is counted. Call Release() for the counted bytes, with
  /// the same cost, before the request is accepted, or when it ends without that. The sender of
  /// what is not judged yet is unknown.
  [[nodiscard]] bool Reserve(std::size_t own, std::size_t more, RefusalCost cost, TimePoint now);
  void Release(std::size_t bytes, RefusalCost cost);

  void OnReports(std::span<const StorageReport> reports) override;

  /// Answers the requests whose deadline has passed. Call every few dozen milliseconds.
  void ExpireUntil(TimePoint now);

  /// Answers all waiting requests, and every later one, as draining.
  void Close();

  [[nodiscard]] Load load() const;

 private:
  struct Waiting {
    WaitingRequest request;
    common::ProviderTable::Index row = 0;
    std::size_t body_size = 0;
    bool is_sender_known = true;

    [[nodiscard]] DecidedRequest Decided(Situation situation) const {
      return {.request = request, .row = row, .situation = situation};
    }
  };
  struct State {
    InFlight<Waiting> in_flight;
    std::size_t bytes = 0;
    Load unknown;  ///< The part of unknown senders.
    SheddingEpisode shedding;
    bool is_closed = false;

    [[nodiscard]] bool MustShed(const CallbackRequest& request, const LoadBounds& bounds) const;
    CallbackNumber Add(const Waiting& waiting, TimePoint deadline);
    /// nullopt if the number is stale.
    std::optional<Waiting> Take(CallbackNumber number);
    void Forget(const Waiting& waiting);
    /// Removes and returns all requests whose deadline is not after `now`.
    std::vector<DecidedRequest> TakeExpired(TimePoint now, Situation situation);
  };
  [[nodiscard]] static Load LoadOf(const State& state);

  Options options_;
  CallbackSink& sink_;
  PendingResponses& responses_;
  RequestIds& ids_;
  RequestEvents& events_;
  common::Guarded<State> state_;
};

}  // namespace ingest
