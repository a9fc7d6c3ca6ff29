#include "ops/ctl/trace/timeline.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>
#include <utility>

#include "common/domain/dead_letter.h"
#include "common/domain/process_status.h"
#include "common/domain/reconciled.h"
#include "ops/ctl/records/excerpt.h"

namespace ctl {
namespace {

using What = TraceEvent::What;

/// Between the clocks of brokers and instances; also the time from an outcome to its commit, during
/// which its callback is still in hand.
constexpr std::chrono::minutes kSlack{1};

bool IsOf(const TracedOutcome& outcome, const TracedCallback& callback) {
  return outcome.request_id == callback.request_id && outcome.at + kSlack >= callback.at &&
         (outcome.is_result || outcome.redrive == callback.redrive);
}

/// True if consumer drops the callback because of a marker with that time, which it rounds up to
/// the hour.
bool IsWithinWindow(const TracedCallback& callback, std::chrono::seconds window,
                    common::WallTime marked) {
  return callback.times.judged_at - std::chrono::ceil<std::chrono::hours>(marked) < window;
}

struct KnownFor {
  common::Identity identity;
  std::chrono::seconds window{};
};
/// Each of them makes the callback a duplicate.
std::vector<KnownFor> IdentitiesOf(const TracedCallback& callback) {
  std::vector<KnownFor> identities{{callback.facts.identity, callback.windows.identity}};
  if (callback.facts.event_identity) {
    identities.push_back({*callback.facts.event_identity, callback.windows.event});
  }
  return identities;
}

/// The identities whose marker makes the callback a duplicate.
std::vector<KnownFor> MarkedIdentitiesOf(const TracedCallback& callback) {
  std::vector<KnownFor> identities = IdentitiesOf(callback);
  const common::CallbackFacts& facts = callback.facts;
  if (facts.handling == common::Handling::kFetch && !facts.is_redriven) {
    identities.push_back(
        {common::IdentityOfReconciled(facts.dossier, facts.process, facts.status.value_or("")),
         callback.windows.identity});
  }
  return identities;
}

/// True if consumer treats it as the callback announced then. Consumer rounds times to the hour.
bool IsAfter(common::WallTime at, common::WallTime announced) {
  return std::chrono::ceil<std::chrono::hours>(at) >= announced;
}

/// Such a letter has marked its bytes, not the fact that its row may read in it by now.
bool WasMalformed(const std::vector<const TracedOutcome*>& outcomes) {
  return !outcomes.empty() &&
         outcomes.back()->reason == common::ToText(common::DeadReason::kMalformed);
}

bool IsPassed(const TracedCallback& callback, const CommittedOf& committed) {
  const auto offset = committed.find(callback.place.partition);
  return offset != committed.end() && callback.place.offset < offset->second;
}

/// When the sender's, or the operator's, delivery began.
common::WallTime BeginOf(const TracedCallback& callback) {
  return callback.facts.is_redriven ? callback.at
                                    : callback.facts.received_at.value_or(callback.at);
}

TraceVerdict VerdictOf(const TraceEvent& end) {
  if (end.what == What::kIgnored) return TraceVerdict::kIgnored;
  return end.what == What::kDead ? TraceVerdict::kDead : TraceVerdict::kPublished;
}

}  // namespace

void TraceFacts::Add(TracedCallback callback) {
  common::CallbackFacts& facts = callback.facts;
  CutToExcerpt(facts.provider);
  CutToExcerpt(facts.status);
  std::string dossier = std::move(facts.dossier).str();
  CutToExcerpt(dossier);
  facts.dossier = common::DossierId(std::move(dossier));
  callbacks_.push_back(std::move(callback));
}

void TraceFacts::MatchOutcomes(Matched& matched) const {
  std::vector<Judged>& judged = matched.callbacks;
  std::map<common::RecordPosition, std::size_t> by_place;
  std::unordered_map<std::string, Places> by_request;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const TracedCallback& callback = *judged[i].callback;
    by_place.emplace(callback.place, i);
    if (callback.request_id) by_request[*callback.request_id].push_back(i);
  }
  std::vector<const TracedOutcome*> moved;
  for (const TracedOutcome& outcome : outcomes_) {
    const auto found = outcome.callback ? by_place.find(*outcome.callback) : by_place.end();
    if (found != by_place.end() && IsOf(outcome, *judged[found->second].callback)) {
      judged[found->second].outcomes.push_back(&outcome);
    } else {
      moved.push_back(&outcome);
    }
  }
  // Letters first: `redrive` tells which callback is theirs.
  std::stable_partition(moved.begin(), moved.end(),
                        [](const TracedOutcome* outcome) { return !outcome->is_result; });
  for (const TracedOutcome* outcome : moved) {
    const Places& candidates = by_request[outcome->request_id.value_or("")];
    const auto its = std::find_if(candidates.begin(), candidates.end(), [&](std::size_t i) {
      return judged[i].outcomes.empty() && IsOf(*outcome, *judged[i].callback);
    });
    if (its == candidates.end()) {
      matched.strays.push_back(outcome);
    } else {
      judged[*its].outcomes.push_back(outcome);
    }
  }
}

bool TraceFacts::HasEnded(const Judged& judged) {
  return !judged.outcomes.empty() || judged.marker != nullptr;
}

bool TraceFacts::IsDroppedBecauseOf(const Judged& earlier, const TracedCallback& callback,
                                    std::chrono::seconds window, const CommittedOf& committed) {
  // consumer's dedup tables are by partition.
  if (earlier.callback->place.partition != callback.place.partition) return false;
  if (callback.facts.is_redriven && WasMalformed(earlier.outcomes)) return false;
  if (!HasEnded(earlier)) return !IsPassed(*earlier.callback, committed);
  if (IsWithinWindow(callback, window, earlier.callback->times.marked_at)) return true;
  return !earlier.outcomes.empty() && earlier.outcomes.back()->at + kSlack >= callback.at;
}

/// Its own marker, else one that makes it a duplicate.
void TraceFacts::FindMarker(const std::vector<const TracedMarker*>& markers,
                            std::chrono::seconds window, Judged& judged) {
  const TracedCallback& callback = *judged.callback;
  for (const TracedMarker* marker : markers) {
    if (judged.marker != nullptr && !judged.is_duplicate) return;
    if (marker->place.partition != callback.place.partition) continue;
    const common::WallTime at = marker->marker.record_time;
    if (at == callback.times.marked_at && !marker->is_reconciled) {
      judged.marker = marker;
      judged.is_duplicate = false;
      return;
    }
    if (!IsWithinWindow(callback, window, at)) continue;
    judged.marker = marker;
    judged.is_duplicate = true;
  }
}

TraceFacts::Matched TraceFacts::Match(const CommittedOf& committed) const {
  Matched matched;
  matched.callbacks.reserve(callbacks_.size());
  for (const TracedCallback& callback : callbacks_) {
    matched.callbacks.push_back({.callback = &callback});
  }
  MatchOutcomes(matched);
  std::unordered_map<common::Identity, std::vector<const TracedMarker*>> markers;
  for (const TracedMarker& marker : markers_) markers[marker.marker.identity].push_back(&marker);
  std::unordered_map<common::Identity, Places> firsts;
  for (std::size_t i = 0; i < matched.callbacks.size(); ++i) {
    Judged& judged = matched.callbacks[i];
    const TracedCallback& callback = *judged.callback;
    const std::vector<KnownFor> identities = IdentitiesOf(callback);
    if (judged.outcomes.empty()) {
      judged.is_duplicate = std::ranges::any_of(identities, [&](const KnownFor& known) {
        const Places& earlier = firsts[known.identity];
        return std::any_of(earlier.rbegin(), earlier.rend(), [&](std::size_t other) {
          return IsDroppedBecauseOf(matched.callbacks[other], callback, known.window, committed);
        });
      });
    }
    if (judged.outcomes.empty() && !judged.is_duplicate) {
      for (const auto& [identity, window] : MarkedIdentitiesOf(callback)) {
        FindMarker(markers[identity], window, judged);
      }
    }
    if (judged.is_duplicate) continue;
    // No later one is dropped because of one that was passed over.
    if (!HasEnded(judged) && IsPassed(callback, committed)) continue;
    for (const auto& known : identities) firsts[known.identity].push_back(i);
  }
  return matched;
}

void TraceFacts::Add(TracedAnnouncement announcement) {
  if (announcement.provider) CutToExcerpt(announcement.provider);
  announcements_.push_back(std::move(announcement));
}

std::set<common::Identity> TraceFacts::WithoutOutcome(const CommittedOf& committed) const {
  std::set<common::Identity> identities;
  const Matched matched = Match(committed);
  for (const Judged& judged : matched.callbacks) {
    if (judged.is_duplicate || !judged.outcomes.empty()) continue;
    for (const auto& known : MarkedIdentitiesOf(*judged.callback))
      identities.insert(known.identity);
  }
  return identities;
}

Timeline TraceFacts::Judge(const CommittedOf& committed) const {
  Timeline timeline;
  for (const TracedAnnouncement& announcement : announcements_) {
    timeline.events.push_back(EventOf(announcement));
    if (!announcement.dossier) continue;
    timeline.dossier = announcement.dossier;
    timeline.process = announcement.process;
  }
  TellOfCallbacks(Match(committed), committed, timeline);
  timeline.expected = FindExpectation();
  if (timeline.waiting || timeline.expected) {
    timeline.verdict = TraceVerdict::kWaiting;
    timeline.took.reset();
  }
  std::stable_sort(timeline.events.begin(), timeline.events.end(),
                   [](const TraceEvent& a, const TraceEvent& b) { return a.at < b.at; });
  return timeline;
}
void TraceFacts::TellOfCallbacks(const Matched& matched, const CommittedOf& committed,
                                 Timeline& timeline) {
  const auto end_with = [&](TraceEvent end) {
    timeline.verdict = VerdictOf(end);
    timeline.events.push_back(std::move(end));
  };
  const TracedOutcome* reconciled = nullptr;  ///< The last one.
  bool has_fact = !matched.strays.empty();
  for (const TracedOutcome* stray : matched.strays) {
    end_with(EventOf(*stray));
    if (!stray->is_reconciled) continue;
    reconciled = stray;
    timeline.dossier = stray->dossier;
    timeline.process = stray->process;
  }
  std::optional<common::WallTime> last_fact;
  for (const Judged& judged : matched.callbacks) {
    const TracedCallback& callback = *judged.callback;
    if (callback.facts.is_readable) {
      timeline.dossier = callback.facts.dossier.str();
      timeline.process = callback.facts.process.str();
    }
    const TraceEvent event = EventOf(callback, judged.is_duplicate);
    timeline.events.push_back(event);
    auto marked = judged.marker == nullptr ? std::nullopt : EventOf(*judged.marker);
    if (judged.is_duplicate) {
      // The marker is all that is known of the first delivery.
      if (marked && timeline.verdict == TraceVerdict::kUnknown) end_with(*std::move(marked));
      continue;
    }
    // An event that nobody wants says nothing of the facts before it.
    if (marked && marked->what == What::kIgnored) {
      timeline.events.push_back(*std::move(marked));
      if (!has_fact) timeline.verdict = TraceVerdict::kIgnored;
      continue;
    }
    has_fact = true;
    last_fact = callback.at;
    timeline.verdict = TraceVerdict::kUnknown;
    timeline.took.reset();
    for (const TracedOutcome* outcome : judged.outcomes) {
      end_with(EventOf(*outcome));
      timeline.took = std::max(outcome->at - BeginOf(callback), std::chrono::milliseconds(0));
    }
    if (marked) end_with(*std::move(marked));
    const bool has_ended = timeline.verdict != TraceVerdict::kUnknown;
    if (!has_ended && !IsPassed(callback, committed) && !timeline.waiting) timeline.waiting = event;
  }
  if (reconciled == nullptr || (last_fact && *last_fact >= reconciled->at)) return;
  timeline.verdict = TraceVerdict::kPublished;
  timeline.took.reset();
}

std::optional<Expectation> TraceFacts::FindExpectation() const {
  const auto last = std::find_if(announcements_.rbegin(), announcements_.rend(),
                                 [](const TracedAnnouncement& one) { return !one.mistake; });
  if (last == announcements_.rend() || last->is_forgotten) return std::nullopt;
  const auto has_come = [&](const TracedCallback& callback) {
    const common::CallbackFacts& facts = callback.facts;
    return facts.is_readable && facts.is_final && facts.dossier.str() == last->dossier &&
           IsAfter(callback.at, last->at);
  };
  // The callback may have expired.
  const auto has_ended = [&](const TracedOutcome& outcome) {
    return IsAfter(outcome.at, last->at) &&
           (!outcome.is_result ||
            (common::IsFinalStatus(outcome.status) && outcome.dossier == last->dossier));
  };
  if (std::ranges::any_of(callbacks_, has_come)) return std::nullopt;
  if (std::ranges::any_of(outcomes_, has_ended)) return std::nullopt;
  return Expectation{last->at, last->within, last->place};
}

}  // namespace ctl
