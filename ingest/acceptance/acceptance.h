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

/// An authenticated request. Lifetime: views, valid during the call that gets them.
struct CallbackRequest {
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  std::string_view provider;  ///< As it is stored: the row's name, or the path that named none.
  std::string_view body;
  RefusalCost refusal_cost = RefusalCost::kNever;
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> traceparent;  ///< As sent, valid or not.
  common::WallTime received_at{};               ///< When the head had been read.
};

/// One request from facts to answer. The answer follows durability: whichever comes first of the
/// sink's report and the request's own deadline decides, and what comes later is counted only.
///
///   Accept --refused--> answered at once
///      |
///      +--taken--> waiting --report: stored------> 200
///                     |-----report: spooled-----> 200
///                     |-----report: unavailable--> the row's transient status
///                     +-----deadline-------------> the row's transient status
///
/// A sink that keeps callbacks elsewhere while Kafka cannot take them is a decorator of the sink;
/// it watches over the time that Kafka has, and the deadline here is then one for both.
///
/// Threads: any.
class Acceptance final : public StorageListener {
 public:
  struct Options {
    LoadBounds bounds;
    std::chrono::milliseconds ack_deadline{4'000};  ///< From Accept().
  };
  using TimePoint = std::chrono::steady_clock::time_point;

  Acceptance(const Options& options, CallbackSink& sink, PendingResponses& responses,
             RequestIds& ids, RequestEvents& events);

  /// The situation to answer at once, or nullopt: then PendingResponses::Answer follows for
  /// `waiting`, which may happen before this returns.
  [[nodiscard]] std::optional<Situation> Accept(const CallbackRequest& request,
                                                const WaitingRequest& waiting, TimePoint now);

  /// Counts `more` bytes of a request that is being received, which holds `own` ones already.
  /// False: it must be shed, and nothing is counted. What was counted is given back by Release()
  /// before the request is accepted, or when it ends otherwise.
  [[nodiscard]] bool Reserve(std::size_t own, std::size_t more, RefusalCost cost, TimePoint now);
  void Release(std::size_t bytes);

  void OnReports(std::span<const StorageReport> reports) override;

  /// Answers the requests whose deadline is over. To be called every few dozen milliseconds.
  void ExpireUntil(TimePoint now);

  /// Answers everything that waits, and from now on everything that comes, as draining.
  void Close();

  [[nodiscard]] Load load() const;

 private:
  struct Waiting {
    WaitingRequest request;
    common::ProviderTable::Index row = 0;
    std::size_t body_size = 0;

    [[nodiscard]] DecidedRequest Decided(Situation situation) const {
      return {.request = request, .row = row, .situation = situation};
    }
  };
  struct State {
    InFlight<Waiting> in_flight;
    std::size_t bytes = 0;
    SheddingEpisode shedding;
    bool is_closed = false;

    /// Every request whose deadline is not after `now`, taken out.
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
