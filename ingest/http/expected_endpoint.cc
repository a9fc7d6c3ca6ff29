#include "ingest/http/expected_endpoint.h"

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/callback/announcements.h"
#include "common/json/object_writer.h"
#include "ingest/http/fault_situation.h"
#include "ingest/http/only_value.h"
#include "ingest/policy/answer.h"

namespace ingest {
namespace {

using common::http::Admission;
using common::http::Answer;
using common::http::AnswerReport;
using common::http::HttpFault;
using common::http::RequestHead;

constexpr std::string_view kJson = "application/json";

/// The sender is the customer's own program: what a row says by default suits it.
const common::ProviderRow& Sender() {
  static const common::ProviderRow row{.name = "expected"};
  return row;
}

Answer ToAnswer(Situation situation) {
  const ProviderAnswer given = AnswerFor(situation, Sender());
  Answer answer;
  answer.status = given.status;
  answer.body = given.explanation;
  answer.close = given.close;
  answer.note = NoteOf(situation);
  if (given.allow_post) answer.fields.emplace_back("Allow", "POST");
  if (given.challenge) answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"expected\"");
  return answer;
}

Answer ToAnswer(const common::LineMistake& mistake) {
  // The connection goes on: its framing is right.
  Answer answer;
  answer.status = mistake.is_excess ? 413 : 400;
  answer.content_type = kJson;
  answer.body = common::json::ObjectWriter()
                    .Number("line", static_cast<std::int64_t>(mistake.line))
                    .Text("what", mistake.what)
                    .Finish() +
                "\n";
  answer.note = NoteOf(mistake.is_excess ? Situation::kBodyTooLarge : Situation::kMalformed);
  return answer;
}

// The note of an answer of this route: its situation's, and above it the number stored.
constexpr unsigned kStoredShift = 16;
static_assert(kAllSituations.size() < std::uint32_t{1} << kStoredShift);
static_assert(kMostAnnouncements < std::size_t{1} << (32 - kStoredShift));

/// Ends what ExpectedAcceptance::BeginHandling() has begun.
class Handling {
 public:
  Handling(ExpectedAcceptance& acceptance, std::size_t body_size)
      : acceptance_(acceptance), body_size_(body_size) {}
  ~Handling() { acceptance_.EndHandling(body_size_); }
  Handling(const Handling&) = delete;
  Handling& operator=(const Handling&) = delete;

 private:
  ExpectedAcceptance& acceptance_;
  const std::size_t body_size_;
};

}  // namespace

Answer AnswerTo(const DecidedBatch& decided) {
  Answer answer = ToAnswer(decided.situation);
  answer.fields.emplace_back("X-Request-Id", decided.request.id.text());
  if (decided.situation != Situation::kDurable) return answer;
  answer.note |= static_cast<std::uint32_t>(decided.announcements) << kStoredShift;
  answer.content_type = kJson;
  answer.body = common::json::ObjectWriter()
                    .Number("accepted", static_cast<std::int64_t>(decided.announcements))
                    .Finish() +
                "\n";
  return answer;
}

void ExpectedServerResponses::Answer(std::span<const DecidedBatch> decided) {
  if (decided.empty()) return;
  std::vector<common::http::Completion> completions;
  completions.reserve(decided.size());
  for (const DecidedBatch& batch : decided) {
    completions.push_back({.ticket = {.worker = batch.request.worker,
                                      .connection = batch.request.connection,
                                      .request = batch.request.request},
                           .answer = AnswerTo(batch)});
  }
  server_.Complete(completions);
}

ExpectedEndpoint::ExpectedEndpoint(std::string path, const common::ProviderTable& providers,
                                   const CredentialStore& credentials,
                                   ExpectedAcceptance& acceptance, ExpectedEvents& events,
                                   std::function<bool()> is_busy)
    : path_(std::move(path)),
      providers_(providers),
      credentials_(credentials),
      acceptance_(acceptance),
      events_(events),
      is_busy_(std::move(is_busy)) {}

bool ExpectedEndpoint::IsAt(std::string_view path) const {
  while (path.starts_with("//")) path.remove_prefix(1);
  return path == path_ ||
         (path.size() == path_.size() + 1 && path.ends_with('/') && path.starts_with(path_));
}

Admission ExpectedEndpoint::Admit(const RequestHead& head) {
  if (head.method != "POST") return {.refusal = ToAnswer(Situation::kWrongMethod)};
  if (!credentials_.current()->Accepts(0, OnlyValueOf("authorization", head))) {
    return {.refusal = ToAnswer(Situation::kUnauthorized)};
  }
  if (is_busy_()) return {.refusal = ToAnswer(Situation::kShed)};
  if (const auto refused = acceptance_.BeginReceiving()) return {.refusal = ToAnswer(*refused)};
  return {};
}

bool ExpectedEndpoint::MayHold(std::size_t /*held*/, std::size_t more,
                               std::optional<std::uint32_t> /*tag*/) {
  return !is_busy_() && acceptance_.Reserve(more);
}

void ExpectedEndpoint::Released(std::size_t bytes, std::optional<std::uint32_t> /*tag*/) {
  acceptance_.Release(bytes);
}

void ExpectedEndpoint::ReceptionEnded(std::uint32_t /*tag*/) { acceptance_.EndReceiving(); }

std::optional<Answer> ExpectedEndpoint::Handle(const RequestHead& head, std::string_view body,
                                               std::uint32_t /*tag*/,
                                               const common::http::Ticket& ticket) {
  if (is_busy_()) return ToAnswer(Situation::kShed);
  if (const auto refused = acceptance_.BeginHandling(body.size())) return ToAnswer(*refused);
  const Handling handling(acceptance_, body.size());
  return HandleBody(head, body, ticket);
}

std::optional<Answer> ExpectedEndpoint::HandleBody(const RequestHead& head, std::string_view body,
                                                   const common::http::Ticket& ticket) {
  const auto read = common::ReadAnnouncements(body, providers_, kMostAnnouncements);
  if (const auto* mistake = std::get_if<common::LineMistake>(&read)) return ToAnswer(*mistake);
  const std::optional<Situation> situation = acceptance_.Accept(
      {.announcements = std::get<common::Announcements>(read),
       .body_size = body.size(),
       .traceparent = OnlyValueOf("traceparent", head),
       .received_at = head.received_at},
      {.worker = ticket.worker, .connection = ticket.connection, .request = ticket.request},
      std::chrono::steady_clock::now());
  if (!situation) return std::nullopt;
  return ToAnswer(*situation);
}

Answer ExpectedEndpoint::AnswerFault(HttpFault fault, std::optional<std::uint32_t> /*tag*/) {
  return ToAnswer(SituationOf(fault));
}

int ExpectedEndpoint::StatusOf(HttpFault fault,
                               std::optional<std::uint32_t> /*tag*/) const noexcept {
  return AnswerFor(SituationOf(fault), Sender()).status;
}

void ExpectedEndpoint::Answered(const AnswerReport& report) {
  // Only now: a decision that came after the answer deadline was answered 503.
  if (const std::uint32_t stored = report.note >> kStoredShift; stored > 0) {
    return events_.ExpectedStored(stored);
  }
  events_.ExpectedNotStored(SituationOf(report), report.status);
}

}  // namespace ingest
