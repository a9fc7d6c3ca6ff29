#include "ingest/acceptance/acceptance.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/callback_record.h"
#include "common/json/callback_body.h"
#include "common/json/event_body.h"
#include "common/tracing/trace_context.h"
#include "ingest/acceptance/request_events.h"

namespace ingest {
namespace {

/// Sets the key, and the id that an event has in a header.
void Identify(const CallbackRequest& request, common::Envelope& envelope) {
  if (request.extract == nullptr) {
    envelope.key =
        common::CallbackKey(common::json::ReadCallbackBody(request.body).process, request.body);
    return;
  }
  common::json::EventBody event = common::json::ReadEventBody(request.body, *request.extract);
  if (request.event_id) {
    event.id = common::json::EventIdOf(std::string(*request.event_id));
    if (event.id) envelope.event_id = event.id->str();
  }
  envelope.key = common::EventKey(event.process, event.id, request.body);
}

common::Envelope EnvelopeOf(const CallbackRequest& request, const RequestId& id) {
  common::Envelope envelope;
  Identify(request, envelope);
  envelope.body = request.body;
  envelope.provider = request.provider;
  envelope.received_at = request.received_at;
  envelope.request_id = id.text();
  if (request.content_type) envelope.content_type = *request.content_type;
  if (request.traceparent && common::IsValidTraceparent(*request.traceparent)) {
    envelope.traceparent = *request.traceparent;
    if (request.tracestate && common::tracing::IsValidTracestate(*request.tracestate)) {
      envelope.tracestate = *request.tracestate;
    }
  }
  if (request.authenticated_as) envelope.authenticated_as = *request.authenticated_as;
  return envelope;
}

Situation SituationOf(StorageOutcome outcome) {
  switch (outcome) {
    case StorageOutcome::kStored:
      return Situation::kDurable;
    case StorageOutcome::kSpooled:
      return Situation::kSpooled;
    case StorageOutcome::kUnavailable:
    case StorageOutcome::kRefused:
      break;
  }
  return Situation::kUnavailable;
}

}  // namespace

Acceptance::Acceptance(const Options& options, CallbackSink& sink, PendingResponses& responses,
                       RequestIds& ids, RequestEvents& events)
    : options_(options), sink_(sink), responses_(responses), ids_(ids), events_(events) {}

std::optional<Situation> Acceptance::Accept(const CallbackRequest& request,
                                            const WaitingRequest& waiting, TimePoint now) {
  using Admitted = std::variant<CallbackNumber, Situation>;
  WaitingRequest named = waiting;
  named.id = ids_.Next();
  Load load;
  bool shedding_begins = false;
  const Admitted admitted = state_.With([&](State& state) -> Admitted {
    if (state.is_closed) return Situation::kDraining;
    load = LoadOf(state);
    if (state.MustShed(request, options_.bounds)) {
      shedding_begins = state.shedding.Refused(now);
      return Situation::kShed;
    }
    return state.Add({.request = named,
                      .row = request.row,
                      .body_size = request.body.size(),
                      .is_sender_known = request.is_sender_known},
                     now + options_.ack_deadline);
  });
  if (shedding_begins) events_.LoadIsShed(load.requests, load.bytes);
  if (const auto* refused = std::get_if<Situation>(&admitted)) return *refused;

  const CallbackNumber number = std::get<CallbackNumber>(admitted);
  if (sink_.Offer(number, EnvelopeOf(request, named.id)) == Offered::kTaken) return std::nullopt;
  const bool is_ours = state_.With([&](State& state) { return state.Take(number).has_value(); });
  // Stale number: the deadline or Close() has answered the request meanwhile.
  return is_ours ? std::optional(Situation::kUnavailable) : std::nullopt;
}

bool Acceptance::Reserve(std::size_t own, std::size_t more, RefusalCost cost, TimePoint now) {
  Load load;
  bool shedding_begins = false;
  const bool is_taken = state_.With([&](State& state) {
    load = LoadOf(state);
    const bool is_unknown = cost == RefusalCost::kUnjudged;
    if (MustShedBytes(load.bytes, own, more, cost, options_.bounds) ||
        (is_unknown && MustShedBytes(state.unknown.bytes, own, more, cost, options_.bounds))) {
      shedding_begins = state.shedding.Refused(now);
      return false;
    }
    state.bytes += more;
    if (is_unknown) state.unknown.bytes += more;
    return true;
  });
  if (shedding_begins) events_.LoadIsShed(load.requests, load.bytes);
  return is_taken;
}

void Acceptance::Release(std::size_t bytes, RefusalCost cost) {
  state_.With([&](State& state) {
    state.bytes -= bytes;
    if (cost == RefusalCost::kUnjudged) state.unknown.bytes -= bytes;
  });
}

void Acceptance::OnReports(std::span<const StorageReport> reports) {
  std::vector<DecidedRequest> decided;
  decided.reserve(reports.size());
  state_.With([&](State& state) {
    for (const StorageReport& report : reports) {
      const std::optional<Waiting> waiting = state.Take(report.number);
      if (!waiting) {
        events_.ReportCameLate(report.outcome == StorageOutcome::kStored ||
                               report.outcome == StorageOutcome::kSpooled);
        continue;
      }
      decided.push_back(waiting->Decided(SituationOf(report.outcome)));
    }
  });
  responses_.Answer(decided);
}

void Acceptance::ExpireUntil(TimePoint now) {
  std::vector<DecidedRequest> expired;
  std::optional<SheddingEpisode::Summary> shed;
  const std::size_t left = state_.With([&](State& state) {
    expired = state.TakeExpired(now, Situation::kUnavailable);
    shed = state.shedding.EndedBy(now, HasRoomForAll(LoadOf(state), options_.bounds));
    return state.in_flight.size();
  });
  events_.InFlight(left);
  if (shed) events_.LoadIsNormal(shed->refused, shed->lasted);
  responses_.Answer(expired);
}

void Acceptance::Close() {
  std::vector<DecidedRequest> rest;
  state_.With([&](State& state) {
    state.is_closed = true;
    rest = state.TakeExpired(TimePoint::max(), Situation::kDraining);
  });
  events_.InFlight(0);
  responses_.Answer(rest);
}

/// Unknown senders may fill only their own share, so that they leave the rest to others.
bool Acceptance::State::MustShed(const CallbackRequest& request, const LoadBounds& bounds) const {
  const std::size_t body = request.body.size();
  if (ingest::MustShed(LoadOf(*this), body, request.refusal_cost, bounds)) return true;
  return !request.is_sender_known &&
         ingest::MustShed(unknown, body, RefusalCost::kUnjudged, bounds);
}

CallbackNumber Acceptance::State::Add(const Waiting& waiting, TimePoint deadline) {
  const CallbackNumber number = in_flight.Add(waiting, deadline);
  bytes += waiting.body_size;
  if (!waiting.is_sender_known) {
    ++unknown.requests;
    unknown.bytes += waiting.body_size;
  }
  return number;
}

std::optional<Acceptance::Waiting> Acceptance::State::Take(CallbackNumber number) {
  std::optional<Waiting> taken = in_flight.Take(number);
  if (taken) Forget(*taken);
  return taken;
}

void Acceptance::State::Forget(const Waiting& waiting) {
  bytes -= waiting.body_size;
  if (waiting.is_sender_known) return;
  --unknown.requests;
  unknown.bytes -= waiting.body_size;
}

std::vector<DecidedRequest> Acceptance::State::TakeExpired(TimePoint now, Situation situation) {
  std::vector<DecidedRequest> expired;
  while (const std::optional<Waiting> waiting = in_flight.TakeExpired(now)) {
    Forget(*waiting);
    expired.push_back(waiting->Decided(situation));
  }
  return expired;
}

Load Acceptance::load() const {
  return state_.With([](const State& state) { return LoadOf(state); });
}

Load Acceptance::LoadOf(const State& state) {
  return {.requests = state.in_flight.size(), .bytes = state.bytes};
}

}  // namespace ingest
