#include "ingest/tracing/callback_traces.h"

#include <utility>

namespace ingest {

using common::tracing::Span;
using common::tracing::SpanKind;
using common::tracing::SpanStatus;
using common::tracing::SpanTime;
using common::tracing::TraceContext;

namespace {

/// False: no head was read, or its path is nobody's.
bool IsRouted(Situation situation) {
  switch (situation) {
    case Situation::kOutsidePrefix:
    case Situation::kMalformed:
    case Situation::kHeadTooLarge:
    case Situation::kHeadTooSlow:
    case Situation::kTooManyConnections:
      return false;
    default:
      return true;
  }
}

bool IsStored(Situation situation) {
  return situation == Situation::kDurable || situation == Situation::kSpooled;
}

}  // namespace

CallbackTraces::CallbackTraces(Settings settings, const common::ProviderTable& providers,
                               common::tracing::SpanSink& sink, Injected injected)
    : settings_(std::move(settings)),
      providers_(providers),
      sink_(sink),
      now_(std::move(injected.now)),
      state_(State{.ids = common::tracing::TraceIds(injected.seed)}) {}

std::string CallbackTraces::Begin(const WaitingRequest& request, const Sent& sent) {
  std::optional<TraceContext> parent;
  if (sent.traceparent) parent = common::tracing::ParseTraceparent(*sent.traceparent);
  const SpanTime now = now_();
  return state_.With([&](State& state) {
    Open open{.server = {.trace = parent ? parent->trace : state.ids.NewTrace(),
                         .span = state.ids.NewSpan()},
              .parent = parent ? parent->span : common::tracing::SpanId(),
              .trace_state = {},
              .producer = state.ids.NewSpan(),
              .received_at = sent.received_at,
              .began_at = now};
    open.server.is_sampled = settings_.sampler.Samples(open.server.trace, parent);
    if (parent && common::tracing::IsValidTracestate(sent.tracestate)) {
      open.trace_state = sent.tracestate;
    }
    TraceContext of_record = open.server;
    of_record.span = open.producer;
    if (state.open.size() < settings_.most_open) {
      state.open.insert_or_assign(KeyOf(request), std::move(open));
    }
    return FormatTraceparent(of_record);
  });
}

template <typename Change>
std::optional<CallbackTraces::Open> CallbackTraces::Update(const WaitingRequest& request,
                                                           Change change) {
  return state_.With([&](State& state) -> std::optional<Open> {
    const auto found = state.open.find(KeyOf(request));
    if (found == state.open.end()) return std::nullopt;
    change(found->second);
    if (!found->second.is_decided || !found->second.answer) return std::nullopt;
    std::optional<Open> ended(std::move(found->second));
    state.open.erase(found);
    return ended;
  });
}

void CallbackTraces::Refused(const WaitingRequest& request) {
  if (const auto ended = Update(request, [](Open& open) { open.is_decided = true; })) {
    Record(*ended);
  }
}

void CallbackTraces::Decided(const WaitingRequest& request, Situation situation) {
  const SpanTime now = now_();
  const auto ended = Update(request, [&](Open& open) {
    open.is_decided = true;
    open.decided_at = now;
    open.decision = situation;
    open.request_id = request.id.text();
  });
  if (ended) Record(*ended);
}

void CallbackTraces::Answered(const WaitingRequest& request, common::ProviderTable::Index row,
                              Situation situation, int status, Duration since_head) {
  const SpanTime now = now_();
  const Answer answer{
      .start = now - since_head, .end = now, .row = row, .situation = situation, .status = status};
  bool is_open = false;
  const auto ended = Update(request, [&](Open& open) {
    is_open = true;
    open.answer = answer;
    open.answer->start = open.received_at;
  });
  if (ended) return Record(*ended);
  if (is_open) return;
  TraceContext context = state_.With([](State& state) {
    return TraceContext{.trace = state.ids.NewTrace(), .span = state.ids.NewSpan()};
  });
  context.is_sampled = settings_.sampler.Samples(context.trace);
  if (!context.is_sampled && !RecordsAsSlow(since_head)) return;
  sink_.Offer({ServerSpan(context, answer)});
}

void CallbackTraces::Abandoned(const WaitingRequest& request) {
  const SpanTime now = now_();
  const auto ended = Update(
      request, [&](Open& open) { open.answer = Answer{.start = open.received_at, .end = now}; });
  if (ended) Record(*ended);
}

void CallbackTraces::Record(const Open& open) {
  if (!open.server.is_sampled && !RecordsAsSlow(open.answer->end - open.received_at)) return;
  std::vector<Span> spans;
  spans.push_back(ServerSpan(open.server, *open.answer));
  spans.back().parent = open.parent;
  spans.back().trace_state = open.trace_state;
  if (!open.request_id.empty()) {
    spans.back().attributes.emplace_back("sluice.request_id", open.request_id);
  }
  if (open.decision) spans.push_back(ProducerSpan(open));
  sink_.Offer(std::move(spans));
}

bool CallbackTraces::RecordsAsSlow(Duration took) {
  if (took <= settings_.slower_than) return false;
  const SpanTime now = now_();
  return state_.With([&](State& state) { return state.slow.Allows(now); });
}

Span CallbackTraces::ServerSpan(const TraceContext& context, const Answer& answer) const {
  const bool is_routed = !answer.situation || IsRouted(*answer.situation);
  const bool is_post = is_routed && answer.situation != Situation::kWrongMethod;
  Span span{.context = context, .parent = {}};
  span.name = is_post ? "POST" : "HTTP";
  span.kind = SpanKind::kServer;
  span.start = answer.start;
  span.end = answer.end;
  span.attributes.emplace_back("http.request.method", is_post ? "POST" : "_OTHER");
  span.attributes.emplace_back("url.scheme", "http");
  if (is_routed) {
    span.name.append(" ").append(settings_.route);
    span.attributes.emplace_back("http.route", settings_.route);
    if (answer.situation) {
      span.attributes.emplace_back("sluice.provider", providers_[answer.row].name);
    }
  }
  if (!answer.situation) {
    span.attributes.emplace_back("error.type", "client_gone");
    span.status = SpanStatus::kError;
    return span;
  }
  span.attributes.emplace_back("http.response.status_code", std::int64_t{answer.status});
  span.attributes.emplace_back("sluice.outcome", std::string(NameOf(*answer.situation)));
  if (answer.status >= 500) {
    span.attributes.emplace_back("error.type", std::to_string(answer.status));
    span.status = SpanStatus::kError;
  }
  return span;
}

Span CallbackTraces::ProducerSpan(const Open& open) const {
  Span span{.context = open.server, .parent = open.server.span};
  span.context.span = open.producer;
  span.trace_state = open.trace_state;
  span.name = "send " + settings_.topic;
  span.kind = SpanKind::kProducer;
  span.start = open.began_at;
  span.end = open.decided_at;
  span.attributes = {{"messaging.system", std::string("kafka")},
                     {"messaging.operation.name", std::string("send")},
                     {"messaging.operation.type", std::string("send")},
                     {"messaging.destination.name", settings_.topic},
                     {"sluice.outcome", std::string(NameOf(*open.decision))}};
  if (!IsStored(*open.decision)) {
    span.attributes.emplace_back("error.type", std::string(NameOf(*open.decision)));
    span.status = SpanStatus::kError;
  }
  return span;
}

}  // namespace ingest
