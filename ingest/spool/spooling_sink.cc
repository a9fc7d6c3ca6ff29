#include "ingest/spool/spooling_sink.h"

#include <utility>
#include <variant>

#include "ingest/acceptance/request_events.h"
#include "ingest/spool/replay.h"

namespace ingest {
namespace {

/// Limits the work at once, because other callers wait for this thread.
constexpr std::size_t kMostStalledAtOnce = 500;

}  // namespace

SpoolingSink::SpoolingSink(const common::ProviderTable& providers,
                           std::chrono::milliseconds ack_deadline, CallbackSink& kafka,
                           CallbackSink& kafka_at_once, Spool& spool, RequestEvents& events,
                           Now now)
    : providers_(providers),
      ack_deadline_(ack_deadline),
      kafka_(kafka),
      kafka_at_once_(kafka_at_once),
      spool_(spool),
      events_(events),
      now_(std::move(now)),
      state_(State(providers.rows().size())) {}

bool SpoolingSink::MaySpool(Row row) const {
  return providers_[row].on_unavailable == common::OnUnavailable::kSpool;
}

bool SpoolingSink::TryToSpool(CallbackNumber number, common::Envelope& envelope) {
  return spool_.Offer(number, std::move(envelope)) == Offered::kTaken;
}

bool SpoolingSink::SpoolAtLast(CallbackNumber number, common::Envelope& envelope) {
  return spool_.OfferAsLastResort(number, std::move(envelope)) == Offered::kTaken;
}

Offered SpoolingSink::Offer(CallbackNumber number, common::Envelope envelope) {
  const Row row = providers_.Resolve(envelope.provider);
  const bool may_spool = MaySpool(row);
  const TimePoint deadline = now_() + ack_deadline_;
  const auto routed = state_.With([&](State& state) -> std::variant<Offered, CallbackNumber> {
    if (state.has_given_up) {
      return may_spool && SpoolAtLast(number, envelope) ? Offered::kTaken : Offered::kAway;
    }
    const bool must_spool = may_spool && spool_.Holds(envelope.provider);
    if (must_spool && TryToSpool(number, envelope)) return Offered::kTaken;
    Pending pending{.number = number, .row = row};
    if (may_spool) pending.envelope = std::make_unique<common::Envelope>(envelope);
    const CallbackNumber own = state.in_flight.Add(std::move(pending), deadline);
    if (!may_spool) return own;
    auto& of_row = state.may_spool[row];
    while (!of_row.empty() && state.in_flight.Find(of_row.front()) == nullptr) of_row.pop_front();
    of_row.push_back(own);
    return own;
  });
  if (const auto* offered = std::get_if<Offered>(&routed)) return *offered;

  const CallbackNumber own = std::get<CallbackNumber>(routed);
  const Offered offered = kafka_.Offer(own, std::move(envelope));
  if (offered == Offered::kTaken) return Offered::kTaken;
  Reports unavailable;
  state_.With([&](State& state) {
    // Stale: it was spooled with others of its provider, or its deadline has passed.
    if (state.in_flight.Find(own) == nullptr) return;
    if (offered == Offered::kRefused) {
      SpoolOnlyThis(state, own, unavailable);
    } else {
      SpoolWithProvider(state, own, unavailable);
    }
  });
  const bool is_refused = std::erase_if(unavailable, [&](const StorageReport& report) {
                            return report.number == number;
                          }) > 0;
  Report(unavailable);  // Others of its provider.
  return is_refused ? offered : Offered::kTaken;
}

void SpoolingSink::OnReports(std::span<const StorageReport> reports) {
  Reports decided;
  Reports of_replay;
  std::size_t late = 0;
  std::size_t late_stored = 0;
  decided.reserve(reports.size());
  state_.With([&](State& state) {
    for (const StorageReport& report : reports) {
      if (IsOfReplay(report.number)) {
        of_replay.push_back(report);
        continue;
      }
      const bool is_stored = report.outcome == StorageOutcome::kStored;
      const Pending* pending = state.in_flight.Find(report.number);
      if (pending == nullptr) {
        ++(is_stored ? late_stored : late);
      } else if (is_stored) {
        decided.push_back({.number = pending->number, .outcome = StorageOutcome::kStored});
        state.in_flight.Take(report.number);
      } else if (report.outcome == StorageOutcome::kRefused && !report.is_of_batch) {
        SpoolOnlyThis(state, report.number, decided);
      } else {
        SpoolWithProvider(state, report.number, decided);
      }
    }
  });
  Report(decided);
  if (!of_replay.empty()) spool_.OnReplayReports(of_replay);
  for (; late_stored > 0; --late_stored) events_.ReportCameLate(true);
  for (; late > 0; --late) events_.ReportCameLate(false);
}

void SpoolingSink::ExpireUntil(TimePoint now) {
  Reports unavailable;
  state_.With([&](State& state) {
    while (const auto own = state.in_flight.FindExpired(now)) {
      SpoolWithProvider(state, *own, unavailable);
    }
  });
  Report(unavailable);
  OfferStalled();
}

/// Stalled callbacks are then in both; the copies share one request id.
void SpoolingSink::OfferStalled() {
  for (std::size_t count = 0; count < kMostStalledAtOnce; ++count) {
    std::optional<Spool::Stalled> stalled = spool_.FindStalled();
    if (!stalled) return;
    const TimePoint deadline = now_() + ack_deadline_;
    const auto own = state_.With([&](State& state) {
      return state.has_given_up ? std::nullopt
                                : std::optional(state.in_flight.Add(
                                      {.number = stalled->number, .is_in_spool = true}, deadline));
    });
    if (!own) return;
    const Offered offered = kafka_at_once_.Offer(*own, std::move(stalled->envelope));
    if (offered != Offered::kTaken) {
      state_.With([&](State& state) { state.in_flight.Take(*own); });
    }
    if (offered == Offered::kAway || offered == Offered::kFull) return;
    spool_.HandedOver(stalled->ticket);
  }
}

void SpoolingSink::GiveUpOnKafka() {
  state_.With([](State& state) { state.has_given_up = true; });
  ExpireUntil(TimePoint::max());
}

namespace {

StorageReport Unavailable(CallbackNumber number) {
  return {.number = number, .outcome = StorageOutcome::kUnavailable};
}

}  // namespace

void SpoolingSink::SpoolOnlyThis(State& state, CallbackNumber own, Reports& unavailable) {
  std::optional<Pending> pending = state.in_flight.Take(own);
  const bool is_spooled = pending->envelope && SpoolAtLast(pending->number, *pending->envelope);
  if (!is_spooled && !pending->is_in_spool) unavailable.push_back(Unavailable(pending->number));
}

void SpoolingSink::SpoolWithProvider(State& state, CallbackNumber own, Reports& unavailable) {
  const Pending* failed = state.in_flight.Find(own);
  if (failed->envelope) SpoolAllOf(state, failed->row);
  const std::optional<Pending> rest = state.in_flight.Take(own);
  if (!rest || rest->is_in_spool) return;
  const bool is_spooled = rest->envelope && SpoolAtLast(rest->number, *rest->envelope);
  if (!is_spooled) unavailable.push_back(Unavailable(rest->number));
}

void SpoolingSink::SpoolAllOf(State& state, Row row) {
  for (auto& of_row = state.may_spool[row]; !of_row.empty(); of_row.pop_front()) {
    Pending* const pending = state.in_flight.FindToChange(of_row.front());
    if (pending == nullptr) continue;
    // Kafka may still take the callbacks that find no room.
    if (!TryToSpool(pending->number, *pending->envelope)) return;
    state.in_flight.Take(of_row.front());
  }
}

void SpoolingSink::Report(const Reports& reports) {
  if (!reports.empty()) listener_->OnReports(reports);
}

}  // namespace ingest
