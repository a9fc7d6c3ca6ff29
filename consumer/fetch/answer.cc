#include "consumer/fetch/answer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "consumer/policy/process_status.h"
#include "consumer/policy/retry_after.h"

namespace consumer {
namespace {

/// Whether the token can stand in a header field: visible ASCII (RFC 6749, A.12).
bool IsSendable(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Without what stands around the object (white space, a byte order mark), so that it can be
/// embedded. Precondition: `body` is one JSON object.
std::optional<std::string> Redacted(std::string body,
                                    const std::vector<common::json::Pointer>& pointers) {
  if (!pointers.empty()) return common::json::Redact(body, pointers);
  body.resize(body.rfind('}') + 1);
  body.erase(0, body.find('{'));
  return body;
}

}  // namespace

Redaction::Redaction(const std::vector<std::string>& pointers) {
  for (const std::string& text : pointers) {
    auto pointer = common::json::ParsePointer(text);
    if (!pointer || pointer->empty()) continue;
    const std::string root = pointer->front();
    pointer->erase(pointer->begin());
    if (root == ToText(Resource::kProcess)) process_.push_back(*pointer);
    if (root == ToText(Resource::kDossier)) dossier_.push_back(*pointer);
  }
}

Answer ReadAnswer(HttpReply& reply, Resource resource, bool must_be_final,
                  const Redaction& redaction) {
  Answer answer;
  answer.status =
      reply.status == 400 && common::json::RefusesToken(reply.body) ? 401 : reply.status;
  AnswerFacts facts{
      .fault = reply.fault, .status = answer.status, .is_object = false, .is_unfinished = false};
  if (reply.fault == TransportFault::kNone && reply.status == 200) {
    if (const auto object = common::json::ReadResourceAnswer(reply.body)) {
      auto redacted = Redacted(std::move(reply.body), redaction.Of(resource));
      facts.is_object = redacted.has_value();
      facts.is_unfinished =
          resource == Resource::kProcess && must_be_final && !IsFinalStatus(object->status);
      answer.body = std::move(redacted).value_or("");
    }
  } else if (reply.status >= 400) {
    answer.trace_id = common::json::ReadTraceId(reply.body).value_or("");
  }
  answer.reaction = Classify(facts);
  return answer;
}

std::optional<std::chrono::milliseconds> RetryAfterOf(const HttpReply& reply,
                                                      common::WallTime now) {
  if (!reply.retry_after || reply.status < 400 || reply.status > 599) return std::nullopt;
  return ParseRetryAfter(*reply.retry_after, now);
}

TokenAnswer ReadToken(const HttpReply& reply) {
  TokenAnswer answer;
  if (reply.fault == TransportFault::kNone && reply.status == 200) {
    answer.token = common::json::ReadTokenAnswer(reply.body);
  }
  if (answer.token && !IsSendable(answer.token->access_token)) answer.token.reset();
  answer.reaction = Classify({.fault = reply.fault,
                              .status = reply.status,
                              .is_object = answer.token.has_value(),
                              .is_unfinished = false});
  return answer;
}

}  // namespace consumer
