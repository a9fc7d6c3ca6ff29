#include "ingest/http/callback_endpoint.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "common/domain/callback_record.h"
#include "common/signature/signature.h"
#include "ingest/acceptance/request_events.h"
#include "ingest/http/fault_situation.h"
#include "ingest/http/only_value.h"
#include "ingest/http/request_traces.h"
#include "ingest/policy/route.h"
#include "ingest/policy/utf8_text.h"

namespace ingest {
namespace {

using common::http::Admission;
using common::http::Answer;
using common::http::HttpFault;
using common::http::RequestHead;
using Row = common::ProviderTable::Index;

constexpr std::string_view kAuthorization = "authorization";
/// Escaping triples the size of a value, so it stops at this limit. Valid UTF-8 needs no escaping
/// and is kept at any size.
constexpr std::size_t kMaxEscapedValue = 256;
/// A 401 must name a scheme. Accepts() compares the whole value, whatever its scheme.
constexpr std::string_view kChallenge = "Bearer realm=\"callbacks\"";

std::vector<bool> RowsThatKnowSender(const common::ProviderTable& providers,
                                     const Authenticity& authenticity) {
  std::vector<bool> rows;
  for (Row row = 0; row < providers.rows().size(); ++row) {
    rows.push_back(authenticity.KnowsSender(row));
  }
  return rows;
}

WaitingRequest WaitingOf(const common::http::Ticket& ticket) {
  return {.worker = ticket.worker, .connection = ticket.connection, .request = ticket.request};
}

}  // namespace

Answer ToAnswer(Situation situation, const common::ProviderRow& row, const RequestId& id) {
  const ProviderAnswer given = AnswerFor(situation, row);
  Answer answer;
  answer.status = given.status;
  answer.body = given.explanation;
  answer.close = given.close;
  answer.note = NoteOf(situation);
  if (given.allow_post) answer.fields.emplace_back("Allow", "POST");
  if (given.challenge) answer.fields.emplace_back("WWW-Authenticate", kChallenge);
  if (!id.text().empty()) answer.fields.emplace_back("X-Request-Id", id.text());
  return answer;
}

CallbackEndpoint::CallbackEndpoint(std::string path_prefix, const common::ProviderTable& providers,
                                   const CredentialStore& credentials, Acceptance& acceptance,
                                   RequestEvents& events, std::size_t unverified,
                                   RequestTraces* traces)
    : path_prefix_(std::move(path_prefix)),
      providers_(providers),
      credentials_(credentials),
      acceptance_(acceptance),
      events_(events),
      knows_sender_(RowsThatKnowSender(providers, *credentials.current())),
      unverified_(unverified),
      traces_(traces) {}

Admission CallbackEndpoint::Admit(const RequestHead& head) {
  const auto refuse = [this](Situation situation, Row row) {
    return Admission{.refusal = ToAnswer(situation, providers_[row]), .tag = row};
  };
  const std::optional<Route> route = MatchRoute(path_prefix_, head.path);
  if (!route) return refuse(Situation::kOutsidePrefix, common::ProviderTable::kUnknown);
  const Row row = providers_.Resolve(route->segment);
  if (head.method != "POST") return refuse(Situation::kWrongMethod, row);
  if (!credentials_.current()->Accepts(row, OnlyValueOf(kAuthorization, head))) {
    return refuse(Situation::kUnauthorized, row);
  }
  return {.refusal = std::nullopt, .tag = row, .is_sender_known = knows_sender_[row]};
}

bool CallbackEndpoint::MayHold(std::size_t held, std::size_t more,
                               std::optional<std::uint32_t> tag) {
  const auto now = std::chrono::steady_clock::now();
  if (IsFromAnybody(tag)) return unverified_.Reserve(held, more, now);
  return acceptance_.Reserve(held, more, CostOf(tag), now);
}

void CallbackEndpoint::Released(std::size_t bytes, std::optional<std::uint32_t> tag) {
  if (IsFromAnybody(tag)) return unverified_.Release(bytes);
  acceptance_.Release(bytes, CostOf(tag));
}

std::optional<Situation> CallbackEndpoint::JudgeSignature(const RequestHead& head,
                                                          std::string_view body, Row row) {
  const auto& events = providers_[row].events;
  if (!events || !events->signature) return std::nullopt;
  const common::SignatureRule& rule = *events->signature;
  const std::shared_ptr<const Authenticity> authenticity = credentials_.current();
  const common::SignatureVerdict verdict =
      common::VerifySignature(rule, authenticity->SigningKeysOf(row),
                              {.signature = OnlyValueOf(rule.header, head),
                               .id = OnlyValueOf(rule.id_header, head),
                               .timestamp = OnlyValueOf(rule.timestamp_header, head)},
                              body, head.received_at);
  switch (verdict) {
    case common::SignatureVerdict::kRight:
      return std::nullopt;
    case common::SignatureVerdict::kMissing:
      return Situation::kUnsigned;
    case common::SignatureVerdict::kStale:
      return Situation::kStaleSignature;
    case common::SignatureVerdict::kWrong:
      break;
  }
  unverified_.Wasted(body.size(), std::chrono::steady_clock::now());
  return Situation::kWrongSignature;
}

std::optional<Answer> CallbackEndpoint::Handle(const RequestHead& head, std::string_view body,
                                               std::uint32_t tag,
                                               const common::http::Ticket& ticket) {
  const Row row = tag;
  if (const auto refused = JudgeSignature(head, body, row)) {
    return ToAnswer(*refused, providers_[row]);
  }
  CallbackRequest request;
  request.row = row;
  std::string path;
  if (row == common::ProviderTable::kUnknown) {
    const std::optional<Route> route = MatchRoute(path_prefix_, head.path);
    path = Utf8Text(route ? route->rest : "", kMaxProviderName);
    request.provider = path;
    const auto owner = credentials_.current()->OwnerOf(OnlyValueOf(kAuthorization, head));
    if (owner) request.authenticated_as = providers_[*owner].name;
  } else {
    request.provider = providers_[row].name;
  }
  request.body = body;
  request.refusal_cost = CostOf(row);
  std::string content_type;
  if (const auto sent = head.Find("content-type")) {
    content_type = Utf8Text(*sent, std::max(sent->size(), kMaxEscapedValue));
    request.content_type = content_type;
  }
  request.traceparent = OnlyValueOf("traceparent", head);
  std::string tracestate;
  if (request.traceparent) {
    tracestate = ListOf("tracestate", head);
    request.tracestate = tracestate;
  }
  std::string event_id;
  request.is_sender_known = knows_sender_[row];
  if (const auto& events = providers_[row].events) {
    if (events->signature) request.is_sender_known = true;  // It was right.
    request.extract = &events->extract;
    if (const auto sent = OnlyValueOf(events->extract.id_header, head)) {
      event_id = Utf8Text(*sent, std::max(sent->size(), kMaxEscapedValue));
      request.event_id = event_id;
    }
  }
  request.received_at = head.received_at;
  const WaitingRequest waiting = WaitingOf(ticket);
  std::string traceparent;
  if (traces_ != nullptr) {
    traceparent = traces_->Begin(waiting, {.traceparent = request.traceparent,
                                           .tracestate = tracestate,
                                           .received_at = head.received_at});
    // A tracestate belongs to a valid traceparent of the sender's.
    if (!request.traceparent || !common::IsValidTraceparent(*request.traceparent)) {
      request.tracestate.reset();
    }
    request.traceparent = traceparent;
  }
  const std::optional<Situation> situation =
      acceptance_.Accept(request, waiting, std::chrono::steady_clock::now());
  if (!situation) return std::nullopt;
  if (traces_ != nullptr) traces_->Refused(waiting);
  return ToAnswer(*situation, providers_[row]);
}

Answer CallbackEndpoint::AnswerFault(HttpFault fault, std::optional<std::uint32_t> tag) {
  return ToAnswer(SituationOf(fault), providers_[tag.value_or(common::ProviderTable::kUnknown)]);
}

void CallbackEndpoint::Met(common::http::ForeignProtocol protocol) {
  switch (protocol) {
    case common::http::ForeignProtocol::kTls:
      return events_.WrongProtocolReceived(WrongProtocol::kTls);
    case common::http::ForeignProtocol::kHttp2:
      return events_.WrongProtocolReceived(WrongProtocol::kHttp2);
    case common::http::ForeignProtocol::kProxyProtocol:
      return events_.WrongProtocolReceived(WrongProtocol::kProxyProtocol);
  }
}

void CallbackEndpoint::ConnectionEvicted() { events_.ConnectionEvicted(); }

int CallbackEndpoint::StatusOf(HttpFault fault, std::optional<std::uint32_t> tag) const noexcept {
  return AnswerFor(SituationOf(fault), providers_[tag.value_or(common::ProviderTable::kUnknown)])
      .status;
}

void CallbackEndpoint::Answered(const common::http::AnswerReport& report) {
  const Row row = report.tag.value_or(common::ProviderTable::kUnknown);
  const Situation situation = SituationOf(report);
  events_.Answered(row, situation, report.status, report.since_head);
  if (traces_ == nullptr) return;
  traces_->Answered(WaitingOf(report.ticket), row, situation, report.status, report.since_head);
}

void CallbackEndpoint::ClientLeft(std::uint32_t tag) { events_.ClientLeft(tag); }

void CallbackEndpoint::Abandoned(const common::http::Ticket& ticket) {
  if (traces_ != nullptr) traces_->Abandoned(WaitingOf(ticket));
}

}  // namespace ingest
