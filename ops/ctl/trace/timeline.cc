#include "ops/ctl/trace/timeline.h"

#include <algorithm>
#include <utility>

namespace ctl {
namespace {

using What = TraceEvent::What;

bool IsOf(const TracedOutcome& outcome, const TracedCallback& callback) {
  return outcome.request_id == callback.request_id;
}

/// True if consumer drops the callback because of something that was handled at that time.
bool IsWithinWindow(const TracedCallback& callback, common::WallTime handled) {
  return callback.times.judged_at - handled < callback.window;
}

What KindOf(const TracedCallback& callback, bool is_duplicate) {
  if (is_duplicate) return What::kDuplicate;
  if (callback.facts.is_redriven) return What::kRedriven;
  return callback.facts.is_spooled ? What::kSpooled : What::kReceived;
}

TraceEvent EventOf(const TracedCallback& callback, bool is_duplicate) {
  return {.what = KindOf(callback, is_duplicate),
          .at = callback.at,
          .topic = TraceEvent::Topic::kCallbacks,
          .place = callback.place,
          .provider = callback.facts.provider,
          .status = callback.facts.status,
          .received_at = callback.facts.received_at,
          .request_id = callback.request_id,
          .instance = callback.ingest_instance,
          .redrive = callback.redrive};
}

TraceEvent EventOf(const TracedOutcome& outcome) {
  return {.what = outcome.is_result ? What::kPublished : What::kDead,
          .at = outcome.at,
          .topic = outcome.is_result ? TraceEvent::Topic::kProcesses : TraceEvent::Topic::kDead,
          .place = outcome.place,
          .request_id = outcome.request_id,
          .instance = outcome.instance,
          .attempts = outcome.attempts,
          .reason = outcome.reason,
          .http_status = outcome.http_status,
          .trace_id = outcome.trace_id};
}

/// None for a marker of a later release.
std::optional<TraceEvent> EventOf(const TracedMarker& marker) {
  if (!marker.marker.outcome) return std::nullopt;
  const bool is_dead = *marker.marker.outcome == common::MarkerOutcome::kDead;
  return TraceEvent{.what = is_dead ? What::kDead : What::kPublished,
                    .at = marker.marker.record_time,
                    .topic = TraceEvent::Topic::kSeen,
                    .place = marker.place,
                    .instance = marker.instance};
}

TraceVerdict VerdictOf(const TraceEvent& end) {
  return end.what == What::kDead ? TraceVerdict::kDead : TraceVerdict::kPublished;
}

}  // namespace

std::string_view ToText(What what) {
  switch (what) {
    case What::kReceived:
      return "received";
    case What::kSpooled:
      return "spooled";
    case What::kDuplicate:
      return "duplicate";
    case What::kRedriven:
      return "redriven";
    case What::kPublished:
      return "published";
    case What::kDead:
      return "dead";
  }
  return "";
}

std::string_view ToText(TraceVerdict verdict) {
  switch (verdict) {
    case TraceVerdict::kPublished:
      return "published";
    case TraceVerdict::kDead:
      return "dead";
    case TraceVerdict::kWaiting:
      return "waiting";
    case TraceVerdict::kUnknown:
      return "unknown";
  }
  return "";
}

TraceFacts::Matched TraceFacts::Match() const {
  Matched matched;
  std::vector<Judged>& judged = matched.callbacks;
  judged.reserve(callbacks_.size());
  for (const TracedCallback& callback : callbacks_) judged.push_back({.callback = &callback});
  for (const TracedOutcome& outcome : outcomes_) {
    auto its = std::find_if(judged.begin(), judged.end(), [&](const Judged& one) {
      return outcome.callback == one.callback->place && IsOf(outcome, *one.callback);
    });
    if (its == judged.end()) {
      its = std::find_if(judged.begin(), judged.end(), [&](const Judged& one) {
        return one.outcomes.empty() && outcome.request_id && IsOf(outcome, *one.callback);
      });
    }
    if (its == judged.end()) {
      matched.strays.push_back(&outcome);
    } else {
      its->outcomes.push_back(&outcome);
    }
  }
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].outcomes.empty()) JudgeWithoutOutcome(judged[i], std::span(judged).first(i));
  }
  return matched;
}

void TraceFacts::JudgeWithoutOutcome(Judged& judged, std::span<const Judged> earlier) const {
  const TracedCallback& callback = *judged.callback;
  const common::Identity& identity = callback.facts.identity;
  judged.is_duplicate = std::any_of(earlier.begin(), earlier.end(), [&](const Judged& other) {
    return !other.is_duplicate && other.callback->facts.identity == identity &&
           IsWithinWindow(callback, other.callback->times.marked_at);
  });
  if (judged.is_duplicate) return;
  for (const TracedMarker& marker : markers_) {
    if (marker.marker.identity != identity) continue;
    const common::WallTime at = marker.marker.record_time;
    if (at == callback.times.marked_at) {
      judged.marker = &marker;
    } else if (at < callback.times.marked_at && IsWithinWindow(callback, at)) {
      judged.is_duplicate = true;
    }
  }
}

bool TraceFacts::HasAllOutcomes() const {
  const Matched matched = Match();
  return std::all_of(matched.callbacks.begin(), matched.callbacks.end(), [](const Judged& judged) {
    return judged.is_duplicate || !judged.outcomes.empty();
  });
}

std::set<common::Identity> TraceFacts::WithoutOutcome(std::optional<std::int64_t> committed) const {
  std::set<common::Identity> identities;
  const Matched matched = Match();
  for (const Judged& judged : matched.callbacks) {
    const bool is_passed = committed && judged.callback->place.offset < *committed;
    if (!is_passed || judged.is_duplicate || !judged.outcomes.empty()) continue;
    identities.insert(judged.callback->facts.identity);
  }
  return identities;
}

Timeline TraceFacts::Judge(std::optional<std::int64_t> committed) const {
  Timeline timeline;
  const Matched matched = Match();
  for (const TracedOutcome* stray : matched.strays) {
    timeline.events.push_back(EventOf(*stray));
    timeline.verdict = VerdictOf(timeline.events.back());
  }
  for (const Judged& judged : matched.callbacks) {
    const TracedCallback& callback = *judged.callback;
    if (callback.facts.is_readable) {
      timeline.dossier = callback.facts.dossier.str();
      timeline.process = callback.facts.process.str();
    }
    const TraceEvent event = EventOf(callback, judged.is_duplicate);
    timeline.events.push_back(event);
    if (judged.is_duplicate) continue;
    timeline.verdict = TraceVerdict::kUnknown;
    for (const TracedOutcome* outcome : judged.outcomes) {
      timeline.events.push_back(EventOf(*outcome));
      timeline.verdict = VerdictOf(timeline.events.back());
    }
    if (judged.marker != nullptr) {
      if (auto end = EventOf(*judged.marker)) {
        timeline.verdict = VerdictOf(*end);
        timeline.events.push_back(*std::move(end));
      }
    }
    const bool is_passed = committed && callback.place.offset < *committed;
    const bool has_ended = timeline.verdict != TraceVerdict::kUnknown;
    if (!has_ended && !is_passed && !timeline.waiting) timeline.waiting = event;
  }
  if (timeline.waiting) timeline.verdict = TraceVerdict::kWaiting;
  std::stable_sort(timeline.events.begin(), timeline.events.end(),
                   [](const TraceEvent& a, const TraceEvent& b) { return a.at < b.at; });
  return timeline;
}

}  // namespace ctl
