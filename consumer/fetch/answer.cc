#include "consumer/fetch/answer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/retry_after.h"
#include "common/base/text.h"
#include "common/domain/process_status.h"

namespace consumer {
namespace {

/// True if the token can stand in a header field: visible ASCII (RFC 6749, A.12).
bool IsSendable(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

bool IsErrorPage(const HttpReply& reply) {
  if (reply.body.empty()) return IsPage(reply);
  return !common::json::ReadResourceAnswer(reply.body).has_value();
}

bool IsPage(const HttpReply& reply) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view body = reply.body;
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  const std::size_t begin = body.find_first_not_of(" \t\r\n\v\f");
  if (begin != std::string_view::npos && body[begin] == '<') return true;
  const std::string_view type = common::TrimAscii(
      std::string_view(reply.content_type).substr(0, reply.content_type.find(';')));
  return common::EqualsIgnoringCase(type, "text/html") ||
         common::EqualsIgnoringCase(type, "application/xhtml+xml");
}

Answer ReadAnswer(HttpReply& reply, const Question& question, bool must_be_final,
                  const AnswerRules& rules) {
  Answer answer;
  answer.status =
      reply.status == 400 && common::json::RefusesToken(reply.body) ? 401 : reply.status;
  AnswerFacts facts{.fault = reply.fault, .status = answer.status};
  if (reply.fault == TransportFault::kNone && IsDocumentStatus(reply.status)) {
    if (const auto object = common::json::ReadResourceAnswer(reply.body)) {
      facts.is_object = true;
      facts.is_foreign = question.IsForeign(object->ids, rules.ids);
      facts.is_too_deep = object->is_too_deep;
      facts.is_unfinished = question.resource() == Resource::kProcess && must_be_final &&
                            !common::IsFinalStatus(object->status);
      answer.process_status = object->status;
      answer.updated_at = object->updated_at;
    } else {
      facts.is_page = IsPage(reply);
    }
  } else if (reply.status >= 400) {
    answer.trace_id = common::json::ReadTraceId(reply.body).value_or("");
    facts.is_foreign = question.IsForeignError(reply.body);
    facts.is_page = reply.fault == TransportFault::kNone && IsErrorPage(reply);
  }
  if (Classify(facts) == Reaction::kAccept) {
    auto published = rules.form.Of(question.resource(), std::move(reply.body));
    facts.is_object = published.has_value();
    answer.body = std::move(published).value_or("");
  }
  answer.host = JudgeHost(facts);
  answer.reaction = Classify(facts);
  return answer;
}

std::optional<std::chrono::milliseconds> RetryAfterOf(const HttpReply& reply,
                                                      common::WallTime now) {
  if (!reply.retry_after || reply.status < 400 || reply.status > 599) return std::nullopt;
  const auto date = reply.date ? common::ParseHttpDate(*reply.date, now) : std::nullopt;
  return common::ParseRetryAfter(*reply.retry_after, date.value_or(now));
}

TokenAnswer ReadToken(const HttpReply& reply) {
  TokenAnswer answer;
  if (reply.fault == TransportFault::kNone && reply.status == 200) {
    answer.token = common::json::ReadTokenAnswer(reply.body);
  }
  if (answer.token && !IsSendable(answer.token->access_token)) answer.token.reset();
  answer.reaction = Classify(
      {.fault = reply.fault, .status = reply.status, .is_object = answer.token.has_value()});
  return answer;
}

}  // namespace consumer
