#include "ops/ctl/trace/trace_event.h"

namespace ctl {
namespace {

using What = TraceEvent::What;

What KindOf(const TracedCallback& callback, bool is_duplicate) {
  if (is_duplicate) return What::kDuplicate;
  if (callback.facts.is_redriven) return What::kRedriven;
  return callback.facts.is_spooled ? What::kSpooled : What::kReceived;
}

What WhatOf(common::MarkerOutcome outcome) {
  switch (outcome) {
    case common::MarkerOutcome::kPublished:
      return What::kPublished;
    case common::MarkerOutcome::kIgnored:
      return What::kIgnored;
    case common::MarkerOutcome::kDead:
      break;
  }
  return What::kDead;
}

What WhatOf(const TracedOutcome& outcome) {
  if (outcome.is_reconciled) return What::kReconciled;
  return outcome.is_result ? What::kPublished : What::kDead;
}

}  // namespace

TraceEvent EventOf(const TracedCallback& callback, bool is_duplicate) {
  return {.what = KindOf(callback, is_duplicate),
          .at = callback.at,
          .topic = TraceEvent::Topic::kCallbacks,
          .place = callback.place,
          .provider = callback.facts.provider,
          .authenticated_as = callback.authenticated_as,
          .status = callback.facts.status,
          .received_at = callback.facts.received_at,
          .is_spooled = callback.facts.is_spooled && !callback.facts.is_redriven,
          .request_id = callback.request_id,
          // A redriven record keeps the header of the first delivery.
          .instance = callback.facts.is_redriven ? std::nullopt : callback.ingest_instance,
          .redrive = callback.redrive};
}

TraceEvent EventOf(const TracedAnnouncement& announcement) {
  return {.what = What::kAnnounced,
          .at = announcement.at,
          .topic = TraceEvent::Topic::kExpected,
          .place = announcement.place,
          .provider = announcement.provider,
          .reason = announcement.mistake,
          .is_forgotten = announcement.is_forgotten,
          .within = announcement.within};
}

TraceEvent EventOf(const TracedOutcome& outcome) {
  return {.what = WhatOf(outcome),
          .at = outcome.at,
          .topic = outcome.is_result ? TraceEvent::Topic::kProcesses : TraceEvent::Topic::kDead,
          .place = outcome.place,
          // Otherwise its callback tells.
          .provider = outcome.is_reconciled ? outcome.provider : std::nullopt,
          .status = outcome.is_reconciled ? outcome.status : std::nullopt,
          .request_id = outcome.request_id,
          .instance = outcome.instance,
          .attempts = outcome.attempts,
          .fetch_time = outcome.fetch_time,
          .reason = outcome.reason,
          .http_status = outcome.http_status,
          .trace_id = outcome.trace_id};
}

std::optional<TraceEvent> EventOf(const TracedMarker& marker) {
  if (!marker.marker.outcome) return std::nullopt;
  return TraceEvent{
      .what = marker.is_reconciled ? What::kReconciled : WhatOf(*marker.marker.outcome),
      .at = marker.marker.record_time,
      .topic = TraceEvent::Topic::kSeen,
      .place = marker.place,
      .instance = marker.instance};
}

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
    case What::kIgnored:
      return "ignored";
    case What::kAnnounced:
      return "announced";
    case What::kReconciled:
      return "reconciled";
  }
  return "";
}

std::string_view ToText(TraceVerdict verdict) {
  switch (verdict) {
    case TraceVerdict::kPublished:
      return "published";
    case TraceVerdict::kDead:
      return "dead";
    case TraceVerdict::kIgnored:
      return "ignored";
    case TraceVerdict::kWaiting:
      return "waiting";
    case TraceVerdict::kUnknown:
      return "unknown";
  }
  return "";
}

}  // namespace ctl
