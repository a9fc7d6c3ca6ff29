#include "ingest/expected/expected_acceptance.h"

#include <string>
#include <utility>
#include <variant>

#include "common/domain/callback_record.h"
#include "common/json/expected_process.h"

namespace ingest {
namespace {

common::Envelope EnvelopeOf(const common::ExpectedProcess& expected, const ExpectedRequest& request,
                            const RequestId& id) {
  common::Envelope envelope;
  envelope.key = expected.process.str();
  envelope.body = common::json::WriteExpectedProcess(expected);
  envelope.received_at = request.received_at;
  envelope.request_id = id.text();
  if (request.traceparent && common::IsValidTraceparent(*request.traceparent)) {
    envelope.traceparent = *request.traceparent;
  }
  return envelope;
}

}  // namespace

ExpectedAcceptance::ExpectedAcceptance(const Options& options, CallbackSink& sink,
                                       ExpectedResponses& responses, RequestIds& ids)
    : options_(options), sink_(sink), responses_(responses), ids_(ids) {}

bool ExpectedAcceptance::MustShed(const State& state, std::size_t announcements,
                                  std::size_t body_size) const {
  const ExpectedBounds& bounds = options_.bounds;
  return state.in_flight.size() >= bounds.max_requests ||
         state.records + announcements > bounds.max_records ||
         state.bytes + body_size > bounds.max_bytes;
}

std::optional<Situation> ExpectedAcceptance::Accept(const ExpectedRequest& request,
                                                    const WaitingRequest& waiting, TimePoint now) {
  using Admitted = std::variant<CallbackNumber, Situation>;
  WaitingRequest named = waiting;
  named.id = ids_.Next();
  const std::size_t count = request.announcements.size();
  const Admitted admitted = state_.With([&](State& state) -> Admitted {
    if (state.is_closed) return Situation::kDraining;
    if (MustShed(state, count, request.body_size)) return Situation::kShed;
    state.records += count;
    state.bytes += request.body_size;
    return state.in_flight.Add({.request = named,
                                .announcements = count,
                                .unreported = count,
                                .body_size = request.body_size},
                               now + options_.ack_deadline);
  });
  if (const auto* refused = std::get_if<Situation>(&admitted)) return *refused;

  const CallbackNumber number = std::get<CallbackNumber>(admitted);
  // At most 1,000, in one go: producing them takes a millisecond of the worker (median, -O1; 33 ms
  // at the most with seven busy threads for each core), where turns of their own would need a
  // queue.
  for (const common::ExpectedProcess& expected : request.announcements) {
    if (sink_.Offer(number, EnvelopeOf(expected, request, named.id)) == Offered::kTaken) continue;
    const bool is_ours = state_.With([&](State& state) { return state.Take(number).has_value(); });
    // Stale number: another record's report, the deadline or Close() has answered the request.
    return is_ours ? std::optional(Situation::kUnavailable) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Situation> ExpectedAcceptance::BeginReceiving() {
  return state_.With([&](State& state) -> std::optional<Situation> {
    if (state.is_closed) return Situation::kDraining;
    const std::size_t requests = state.receiving + state.in_flight.size();
    if (requests >= options_.bounds.max_requests) return Situation::kShed;
    ++state.receiving;
    return std::nullopt;
  });
}

void ExpectedAcceptance::EndReceiving() {
  state_.With([](State& state) { --state.receiving; });
}

std::optional<Situation> ExpectedAcceptance::BeginHandling(std::size_t body_size) {
  return state_.With([&](State& state) -> std::optional<Situation> {
    if (state.is_closed) return Situation::kDraining;
    if (MustShed(state, 1, body_size)) return Situation::kShed;
    if (body_size <= kLargeExpectedBody) return std::nullopt;
    if (state.large >= options_.bounds.max_large_at_once) return Situation::kShed;
    ++state.large;
    return std::nullopt;
  });
}

void ExpectedAcceptance::EndHandling(std::size_t body_size) {
  if (body_size <= kLargeExpectedBody) return;
  state_.With([](State& state) { --state.large; });
}

bool ExpectedAcceptance::Reserve(std::size_t bytes) {
  return state_.With([&](State& state) {
    if (state.bytes + bytes > options_.bounds.max_bytes) return false;
    state.bytes += bytes;
    return true;
  });
}

void ExpectedAcceptance::Release(std::size_t bytes) {
  state_.With([&](State& state) { state.bytes -= bytes; });
}

void ExpectedAcceptance::OnReports(std::span<const StorageReport> reports) {
  std::vector<DecidedBatch> decided;
  state_.With([&](State& state) {
    for (const StorageReport& report : reports) {
      Waiting* const waiting = state.in_flight.FindToChange(report.number);
      if (waiting == nullptr) continue;
      const bool is_stored = report.outcome == StorageOutcome::kStored;
      if (is_stored && --waiting->unreported > 0) continue;
      const std::optional<Waiting> taken = state.Take(report.number);
      decided.push_back({.request = taken->request,
                         .announcements = taken->announcements,
                         .situation = is_stored ? Situation::kDurable : Situation::kUnavailable});
    }
  });
  responses_.Answer(decided);
}

void ExpectedAcceptance::ExpireUntil(TimePoint now) {
  responses_.Answer(
      state_.With([&](State& state) { return state.TakeExpired(now, Situation::kUnavailable); }));
}

void ExpectedAcceptance::Close() {
  responses_.Answer(state_.With([](State& state) {
    state.is_closed = true;
    return state.TakeExpired(TimePoint::max(), Situation::kDraining);
  }));
}

std::optional<ExpectedAcceptance::Waiting> ExpectedAcceptance::State::Take(CallbackNumber number) {
  std::optional<Waiting> taken = in_flight.Take(number);
  if (taken) Forget(*taken);
  return taken;
}

std::vector<DecidedBatch> ExpectedAcceptance::State::TakeExpired(TimePoint now,
                                                                 Situation situation) {
  std::vector<DecidedBatch> expired;
  while (const std::optional<Waiting> waiting = in_flight.TakeExpired(now)) {
    Forget(*waiting);
    expired.push_back({.request = waiting->request,
                       .announcements = waiting->announcements,
                       .situation = situation});
  }
  return expired;
}

void ExpectedAcceptance::State::Forget(const Waiting& waiting) {
  records -= waiting.announcements;
  bytes -= waiting.body_size;
}

}  // namespace ingest
