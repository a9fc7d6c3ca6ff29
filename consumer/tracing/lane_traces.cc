#include "consumer/tracing/lane_traces.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace consumer {

using common::tracing::FormatTraceparent;
using common::tracing::Span;
using common::tracing::SpanKind;
using common::tracing::SpanStatus;
using common::tracing::SpanTime;
using common::tracing::TraceContext;

namespace {

namespace header = common::header;

common::WallTime ToWall(SpanTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

void Fail(Span& span, std::string_view type) {
  AddText(span, "error.type", type);
  span.status = SpanStatus::kError;
}

std::string_view TemplateOf(Resource resource) {
  return resource == Resource::kProcess ? "/dossiers/{dossierId}/processes/{processId}"
                                        : "/dossiers/{dossierId}";
}

std::string_view NameOf(TransportFault fault) {
  switch (fault) {
    case TransportFault::kNone:
      return {};
    case TransportFault::kConnect:
      return "connect";
    case TransportFault::kTimeout:
      return "timeout";
    case TransportFault::kTls:
      return "tls";
    case TransportFault::kDns:
      return "dns";
    case TransportFault::kBroken:
      return "broken";
    case TransportFault::kTooLarge:
      return "too_large";
    case TransportFault::kNoRoom:
      return "no_room";
  }
  return {};
}

void SetTraceparent(common::RecordHeaders& headers, std::string text) {
  const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                  [](const auto& one) { return one.name == header::kTraceparent; });
  if (found != headers.rend()) {
    found->value = std::move(text);
  } else {
    headers.push_back({std::string(header::kTraceparent), std::move(text)});
  }
}

}  // namespace

LaneTraces::LaneTraces(Settings settings, const common::ProviderTable& providers,
                       common::tracing::SpanSink& sink, Injected injected)
    : settings_(std::move(settings)),
      providers_(providers),
      sink_(sink),
      now_(std::move(injected.now)),
      ids_(injected.seed) {}

/// Continues the context that the headers carry, or begins a trace.
template <typename Headers>
LaneTraces::Open LaneTraces::Begin(const Headers& headers) {
  Open open{};
  open.began_at = now_();
  open.counts_from = ToWall(open.began_at);
  std::optional<TraceContext> parent;
  if (const auto text = common::LastHeader(headers, header::kTraceparent)) {
    parent = common::tracing::ParseTraceparent(*text);
  }
  if (parent) {
    open.parent = parent->span;
    open.trace_state = common::LastHeader(headers, header::kTracestate).value_or("");
    if (!common::tracing::IsValidTracestate(open.trace_state)) open.trace_state.clear();
  }
  open.own = {.trace = parent ? parent->trace : ids_.NewTrace(), .span = ids_.NewSpan()};
  open.own.is_sampled = settings_.sampler.Samples(open.own.trace, parent);
  return open;
}

LaneTraces::Open* LaneTraces::Find(JobId id) {
  if (const auto found = callbacks_.find(id); found != callbacks_.end()) return &found->second;
  const auto look = looks_.find(id);
  return look == looks_.end() ? nullptr : &look->second.open;
}

void LaneTraces::Taken(JobId id, const PendingCallback& callback) {
  Open open = Begin(callback.record.headers);
  const common::CallbackFacts& facts = callback.facts;
  // A redriven callback has waited for an operator.
  if (facts.received_at && !facts.is_redriven) open.counts_from = *facts.received_at;
  callbacks_.insert_or_assign(id, std::move(open));
}

void LaneTraces::Redelivered(const ArrivedRecord& record, const common::CallbackFacts& facts) {
  const Open open = Begin(record.headers);
  if (!open.own.is_sampled) return;
  Span span = Around(open, now_());
  Describe(record, facts, span);
  span.attributes.emplace_back("sluice.redelivery", true);
  AddText(span, "sluice.outcome", "duplicate");
  sink_.Offer({std::move(span)});
}

void LaneTraces::Completed(JobId id, common::MarkerOutcome outcome,
                           common::RecordHeaders& headers) {
  Open* const open = Find(id);
  if (open == nullptr) return;
  open->send = ids_.NewSpan();
  open->completed_at = now_();
  open->outcome = outcome;
  open->dead_reason = common::LastHeader(headers, header::kDeadReason).value_or("");
  if (outcome == common::MarkerOutcome::kIgnored) return;
  SetTraceparent(headers, FormatTraceparent({.trace = open->own.trace,
                                             .span = open->send,
                                             .is_sampled = MustRecord(*open, open->completed_at)}));
}

bool LaneTraces::MustRecord(Open& open, SpanTime now) {
  if (open.own.is_sampled || open.outcome == common::MarkerOutcome::kDead) return true;
  const bool is_slow = ToWall(now) - open.counts_from > settings_.slower_than;
  if (is_slow && !open.is_taken_as_slow) open.is_taken_as_slow = slow_.Allows(now);
  return open.is_taken_as_slow.value_or(false);
}

void LaneTraces::Committed(JobId id, const PendingCallback* callback) {
  const SpanTime now = now_();
  if (callback != nullptr) {
    const auto found = callbacks_.find(id);
    if (found == callbacks_.end()) return;
    Open open = std::move(found->second);
    callbacks_.erase(found);
    if (MustRecord(open, now)) Record(open, ProcessSpan(open, *callback, now));
    return;
  }
  const auto found = looks_.find(id);
  if (found == looks_.end()) return;
  auto [open, dossier, process] = std::move(found->second);
  looks_.erase(found);
  if (!MustRecord(open, now)) return;
  Span span = Around(open, now);
  span.name = "reconcile process";
  span.kind = SpanKind::kInternal;
  AddText(span, "sluice.process_id", process);
  AddText(span, "sluice.dossier_id", dossier);
  span.attributes.emplace_back("sluice.reconciled", true);
  Record(open, std::move(span));
}

void LaneTraces::Dropped(JobId id) {
  callbacks_.erase(id);
  looks_.erase(id);
}

void LaneTraces::DroppedAll() {
  callbacks_.clear();
  looks_.clear();
}

std::string LaneTraces::AttemptStarts(const FetchJob& job, Resource resource) {
  Open* open = Find(job.id);
  if (open == nullptr) {
    if (!job.is_look) return {};
    if (looks_.size() == kMostLooks) looks_.erase(looks_.begin());
    Look look{.open = Begin(common::RecordHeaders()),
              .dossier = std::string(common::tracing::CutText(job.dossier.str())),
              .process = std::string(common::tracing::CutText(job.process.str()))};
    open = &looks_.insert_or_assign(job.id, std::move(look)).first->second.open;
  }
  const Attempt attempt{
      .span = ids_.NewSpan(), .start = now_(), .resource = resource, .account = job.account};
  open->attempts.Started(attempt);
  return FormatTraceparent(
      {.trace = open->own.trace, .span = attempt.span, .is_sampled = open->own.is_sampled});
}

void LaneTraces::AttemptEnded(const AttemptReport& report) {
  if (report.job == nullptr) return;
  if (Open* const open = Find(report.job->id)) {
    open->attempts.Ended(report.result, report.fault, report.http_status, report.elapsed);
  }
}

Span LaneTraces::Around(const Open& open, SpanTime end) const {
  Span span{.context = open.own, .parent = open.parent, .trace_state = open.trace_state};
  span.name = "process " + settings_.topics.callbacks;
  span.kind = SpanKind::kConsumer;
  span.start = open.began_at;
  span.end = end;
  return span;
}

template <typename SomeRecord>
void LaneTraces::Describe(const SomeRecord& record, const common::CallbackFacts& facts,
                          Span& span) const {
  AddText(span, "messaging.system", "kafka");
  AddText(span, "messaging.operation.name", "process");
  AddText(span, "messaging.operation.type", "process");
  AddText(span, "messaging.destination.name", settings_.topics.callbacks);
  AddText(span, "messaging.destination.partition.id", ToText(record.partition));
  span.attributes.emplace_back("messaging.kafka.offset", record.offset.number());
  AddText(span, "messaging.kafka.message.key", record.key);
  AddText(span, "messaging.consumer.group.name", settings_.group);
  AddText(span, "messaging.client.id", settings_.client);
  AddText(span, "sluice.provider", providers_[facts.row].name);
  AddText(span, "sluice.process_id", facts.process.str());
  AddText(span, "sluice.dossier_id", facts.dossier.str());
  AddText(span, "sluice.request_id",
          common::LastHeader(record.headers, header::kRequestId).value_or(""));
  if (facts.is_spooled) span.attributes.emplace_back("sluice.spooled", true);
  if (facts.is_redriven) span.attributes.emplace_back("sluice.redriven", true);
}

Span LaneTraces::ProcessSpan(const Open& open, const PendingCallback& callback,
                             SpanTime end) const {
  Span span = Around(open, end);
  Describe(callback.record, callback.facts, span);
  AddText(span, "sluice.outcome", common::ToText(open.outcome));
  if (open.outcome == common::MarkerOutcome::kDead) Fail(span, open.dead_reason);
  return span;
}

Span LaneTraces::SendSpan(const Open& open, SpanTime end) const {
  const bool is_dead = open.outcome == common::MarkerOutcome::kDead;
  const std::string& topic = is_dead ? settings_.topics.dead : settings_.topics.processes;
  Span span{.context = open.own, .parent = open.own.span, .trace_state = open.trace_state};
  span.context.span = open.send;
  span.name = "send " + topic;
  span.kind = SpanKind::kProducer;
  span.start = open.completed_at;
  span.end = end;
  AddText(span, "messaging.system", "kafka");
  AddText(span, "messaging.operation.name", "send");
  AddText(span, "messaging.operation.type", "send");
  AddText(span, "messaging.destination.name", topic);
  AddText(span, "messaging.client.id", settings_.client);
  return span;
}

Span LaneTraces::AttemptSpan(const Open& open, const Attempt& attempt) const {
  Span span{.context = open.own, .parent = open.own.span, .trace_state = open.trace_state};
  span.context.span = attempt.span;
  span.name.append("GET ").append(TemplateOf(attempt.resource));
  span.kind = SpanKind::kClient;
  span.start = attempt.start;
  span.end = attempt.end;
  AddText(span, "http.request.method", "GET");
  AddText(span, "url.template", TemplateOf(attempt.resource));
  AddText(span, "server.address", settings_.api_hosts.at(attempt.account));
  AddText(span, "sluice.result", ToText(attempt.result));
  if (attempt.resend > 0) {
    span.attributes.emplace_back("http.request.resend_count", std::int64_t{attempt.resend});
  }
  if (attempt.status != 0) {
    span.attributes.emplace_back("http.response.status_code", std::int64_t{attempt.status});
  }
  if (attempt.fault != TransportFault::kNone) {
    Fail(span, NameOf(attempt.fault));
  } else if (attempt.status >= 400) {
    Fail(span, std::to_string(attempt.status));
  }
  return span;
}

void LaneTraces::Record(const Open& open, Span span) {
  std::vector<Span> spans;
  const auto& attempts = open.attempts.kept();
  spans.reserve(attempts.size() + 2);
  if (open.attempts.omitted() > 0) {
    span.attributes.emplace_back("sluice.attempts_omitted", std::int64_t{open.attempts.omitted()});
  }
  const SpanTime end = span.end;
  spans.push_back(std::move(span));
  std::ranges::transform(attempts, std::back_inserter(spans),
                         [&](const Attempt& attempt) { return AttemptSpan(open, attempt); });
  if (open.outcome != common::MarkerOutcome::kIgnored) spans.push_back(SendSpan(open, end));
  // The flag in a recorded span must not say that it is not recorded.
  for (Span& one : spans) one.context.is_sampled = true;
  sink_.Offer(std::move(spans));
}

}  // namespace consumer
