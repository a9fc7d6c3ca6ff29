#include "ops/ctl/audit/audit_ledger.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace ctl {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::seconds;

std::uint64_t InShort(const Identity& identity) {
  std::uint64_t first_bytes = 0;
  std::memcpy(&first_bytes, identity.bytes.data(), sizeof first_bytes);
  return first_bytes;
}

/// In 30 bits.
std::uint32_t InSeconds(seconds window) {
  constexpr seconds kLongest{(1 << 30) - 1};
  return static_cast<std::uint32_t>(std::clamp(window, seconds(0), kLongest).count());
}

}  // namespace

void AuditLedger::Add(const Callback& callback) {
  const bool is_successor = callback.stands_for && IsPutBack(*callback.stands_for, callback.is);
  if (is_successor) handed_over_.insert(*callback.stands_for);
  const bool is_in_range = callback.time >= range_.from && callback.time < range_.to;
  if (!is_in_range && !is_successor) return;
  if (callback.event) {
    events_.push_back({*callback.event, static_cast<std::uint32_t>(sightings_.size()),
                       InSeconds(callback.event_window)});
    wanted_.insert(*callback.event);
  }
  sightings_.push_back({.identity = callback.is.identity,
                        .time = callback.time,
                        .judged_at = callback.time - callback.judged_before,
                        .marked_at = callback.time - callback.marked_before,
                        .offset = callback.offset,
                        .fact = InShort(callback.is.fact),
                        .delivery = callback.is.delivery,
                        .window_seconds = InSeconds(callback.window) & 0x3fffffffU});
}

bool AuditLedger::IsPutBack(Offset callback, const CallbackIdentity& is) const {
  const std::size_t place = PlaceOf(callback);
  if (place == sightings_.size()) return false;
  const Sighting& sighting = sightings_[place];
  return sighting.fact == InShort(is.fact) && MayBeSame(sighting.delivery, is.delivery);
}

bool AuditLedger::HoldsIdentity(const Identity& identity) {
  Sort();
  const auto found = std::lower_bound(
      by_identity_.begin(), by_identity_.end(), identity,
      [&](std::uint32_t at, const Identity& wanted) { return sightings_[at].identity < wanted; });
  return found != by_identity_.end() && sightings_[*found].identity == identity;
}

void AuditLedger::AddMarker(const Identity& identity, WallTime time, MarkedAs outcome) {
  if (HoldsIdentity(identity)) markers_.push_back({identity, time, outcome});
  if (wanted_.contains(identity)) event_markers_.push_back({identity, time, outcome});
  if (const auto others = stands_for_.find(identity); others != stands_for_.end()) {
    for (const Identity& other : others->second) markers_.push_back({other, time, outcome});
  }
}

void AuditLedger::AddReconciled(const ReconciledOutcome& outcome) {
  if (!HoldsIdentity(outcome.of)) return;
  strays_.push_back({outcome.of, outcome.at, 0, true});
  if (outcome.of != outcome.marked) stands_for_[outcome.marked].insert(outcome.of);
}

bool AuditLedger::IsOf(const OutcomeRecord& outcome, const Sighting& sighting) {
  if (!MayBeSame(outcome.delivery, sighting.delivery)) return false;
  const bool is_known_delivery = outcome.delivery != 0 && outcome.delivery == sighting.delivery;
  if (!is_known_delivery && outcome.at < sighting.time - kCommitSlack) return false;
  if (!outcome.of) return true;  // Without a body, nothing else can tell.
  return outcome.is_result ? InShort(*outcome.of) == sighting.fact
                           : *outcome.of == sighting.identity;
}

void AuditLedger::AddOutcome(const OutcomeRecord& outcome) {
  const std::size_t place = PlaceOf(outcome.callback);
  if (place == sightings_.size() || !IsOf(outcome, sightings_[place])) {
    if (outcome.of && HoldsIdentity(*outcome.of)) {
      strays_.push_back({*outcome.of, outcome.at, outcome.delivery, false});
    }
    return;
  }
  Sighting& sighting = sightings_[place];
  sighting.outcomes = std::min(sighting.outcomes + 1U, 2U) & 3U;
  sighting.outcome_second = std::max(sighting.outcome_second, SecondOf(outcome.at));
}

std::uint32_t AuditLedger::SecondOf(WallTime time) {
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(0, std::chrono::ceil<seconds>(time.time_since_epoch()).count()));
}

std::size_t AuditLedger::PlaceOf(Offset offset) const {
  const auto found = std::lower_bound(
      sightings_.begin(), sightings_.end(), offset,
      [](const Sighting& sighting, Offset wanted) { return sighting.offset < wanted; });
  if (found == sightings_.end() || found->offset != offset) return sightings_.size();
  return static_cast<std::size_t>(found - sightings_.begin());
}

bool AuditLedger::IsRepeatedEvent(const Sighting& sighting) const {
  const auto index = static_cast<std::uint32_t>(&sighting - sightings_.data());
  const auto event =
      std::lower_bound(events_.begin(), events_.end(), index,
                       [](const Event& one, std::uint32_t at) { return one.sighting < at; });
  if (event == events_.end() || event->sighting != index) return false;
  const auto first = std::lower_bound(
      event_markers_.begin(), event_markers_.end(), event->identity,
      [](const Marker& marker, const Identity& wanted) { return marker.identity < wanted; });
  const auto end = std::find_if(first, event_markers_.end(), [&](const Marker& marker) {
    return marker.identity != event->identity;
  });
  return std::any_of(first, end, [&](const Marker& marker) {
    const WallTime marked_at = std::chrono::ceil<std::chrono::hours>(marker.time);
    return sighting.judged_at - marked_at < seconds(event->window_seconds);
  });
}

void AuditLedger::Sort() {
  if (by_identity_.size() == sightings_.size()) return;
  by_identity_.resize(sightings_.size());
  std::iota(by_identity_.begin(), by_identity_.end(), 0U);
  // Indices ascend with offsets.
  std::sort(by_identity_.begin(), by_identity_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto order = sightings_[a].identity <=> sightings_[b].identity;
    return order == 0 ? a < b : order < 0;
  });
}

}  // namespace ctl
