#include "ingest/http/callback_endpoint.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ingest/acceptance/request_events.h"
#include "ingest/policy/route.h"
#include "ingest/policy/utf8_text.h"

namespace ingest {
namespace {

using common::http::Admission;
using common::http::Answer;
using common::http::Fault;
using common::http::RequestHead;
using Row = common::ProviderTable::Index;

constexpr std::string_view kAuthorization = "authorization";
/// Escaping triples the size of a content type, so it stops at this limit. Valid UTF-8 needs no
/// escaping and is kept at any size.
constexpr std::size_t kMaxEscapedContentType = 256;
/// A 401 must name a scheme. Accepts() compares the whole value, whatever its scheme.
constexpr std::string_view kChallenge = "Bearer realm=\"callbacks\"";

//  note := 1 + situation      ; 0: this endpoint did not make the answer
std::uint32_t NoteOf(Situation situation) { return static_cast<std::uint32_t>(situation) + 1; }

Situation SituationOf(Fault fault) {
  switch (fault) {
    case Fault::kMalformed:
      return Situation::kMalformed;
    case Fault::kLengthRequired:
      return Situation::kLengthRequired;
    case Fault::kHeadTooLarge:
      return Situation::kHeadTooLarge;
    case Fault::kBodyTooLarge:
      return Situation::kBodyTooLarge;
    case Fault::kHeadTooSlow:
      return Situation::kHeadTooSlow;
    case Fault::kBodyTooSlow:
      return Situation::kBodyTooSlow;
    case Fault::kTooManyConnections:
      return Situation::kTooManyConnections;
    case Fault::kOverloaded:
      return Situation::kShed;
    case Fault::kAnswerTooLate:
      return Situation::kAnswerTooLate;
    case Fault::kInternal:
      return Situation::kInternalError;
  }
  return Situation::kInternalError;
}

/// The situation that the answer was made for.
Situation SituationOf(const common::http::AnswerReport& report) {
  return report.note == 0 ? Situation::kInternalError : static_cast<Situation>(report.note - 1);
}

std::optional<std::string_view> OnlyValueOf(std::string_view name, const RequestHead& head) {
  return head.Count(name) == 1 ? head.Find(name) : std::nullopt;
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
                                   RequestEvents& events)
    : path_prefix_(std::move(path_prefix)),
      providers_(providers),
      credentials_(credentials),
      acceptance_(acceptance),
      events_(events) {}

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
  return {.refusal = std::nullopt, .tag = row};
}

bool CallbackEndpoint::MayHold(std::size_t held, std::size_t more,
                               std::optional<std::uint32_t> tag) {
  const RefusalCost cost = tag ? CostOfRefusing(providers_[*tag]) : RefusalCost::kUnjudged;
  return acceptance_.Reserve(held, more, cost, std::chrono::steady_clock::now());
}

void CallbackEndpoint::Released(std::size_t bytes) { acceptance_.Release(bytes); }

std::optional<Answer> CallbackEndpoint::Handle(const RequestHead& head, std::string_view body,
                                               std::uint32_t tag,
                                               const common::http::Ticket& ticket) {
  const Row row = tag;
  CallbackRequest request;
  request.row = row;
  std::string path;
  if (row == common::ProviderTable::kUnknown) {
    const std::optional<Route> route = MatchRoute(path_prefix_, head.path);
    path = Utf8Text(route ? route->rest : "", kMaxProviderName);
    request.provider = path;
  } else {
    request.provider = providers_[row].name;
  }
  request.body = body;
  request.refusal_cost = CostOfRefusing(providers_[row]);
  std::string content_type;
  if (const auto sent = head.Find("content-type")) {
    content_type = Utf8Text(*sent, std::max(sent->size(), kMaxEscapedContentType));
    request.content_type = content_type;
  }
  request.traceparent = OnlyValueOf("traceparent", head);
  request.received_at = head.received_at;
  const std::optional<Situation> situation = acceptance_.Accept(
      request,
      {.worker = ticket.worker, .connection = ticket.connection, .request = ticket.request},
      std::chrono::steady_clock::now());
  if (!situation) return std::nullopt;
  return ToAnswer(*situation, providers_[row]);
}

Answer CallbackEndpoint::AnswerFault(Fault fault, std::optional<std::uint32_t> tag) {
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

int CallbackEndpoint::StatusOf(Fault fault, std::optional<std::uint32_t> tag) const noexcept {
  return AnswerFor(SituationOf(fault), providers_[tag.value_or(common::ProviderTable::kUnknown)])
      .status;
}

void CallbackEndpoint::Answered(const common::http::AnswerReport& report) {
  events_.Answered(report.tag.value_or(common::ProviderTable::kUnknown), SituationOf(report),
                   report.status, report.since_head);
}

}  // namespace ingest
