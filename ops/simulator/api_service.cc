#include "ops/simulator/api_service.h"

#include "ops/simulator/assure_documents.h"

namespace simulator {

using common::http::Answer;

common::http::Admission ApiService::Admit(const common::http::RequestHead& /*head*/) { return {}; }

std::optional<Answer> ApiService::Handle(const common::http::RequestHead& head,
                                         std::string_view body, std::uint32_t /*tag*/,
                                         const common::http::Ticket& ticket) {
  ApiReply reply = api_.Answer({.method = head.method,
                                .path = head.path,
                                .authorization = head.Find("Authorization").value_or(""),
                                .body = body},
                               common::WallNow());
  const auto now = RequestStats::TimePoint::clock::now();
  stats_.Began(reply.resource, head.path, now);
  if (reply.retry_after && reply.resource != Resource::kToken) {
    stats_.AskedToWait(head.path, now + reply.latency, now + *reply.retry_after);
  } else if (reply.status < 300 && reply.resource != Resource::kToken) {
    stats_.AnsweredWell(head.path, now + reply.latency);
  }
  Answer answer{.status = reply.status,
                .body = std::move(reply.body),
                .content_type = reply.content_type,
                .fields = std::move(reply.fields)};
  if (reply.latency.count() == 0) {
    stats_.Ended(reply.resource, answer.status);
    return answer;
  }
  answer_later_(reply.latency, ticket, std::move(answer), reply.resource);
  return std::nullopt;
}

Answer ApiService::AnswerFault(common::http::HttpFault fault,
                               std::optional<std::uint32_t> /*tag*/) {
  const int status = DefaultStatus(fault);
  return {.status = status,
          .body = ErrorDocument({.status = status, .detail = "the request cannot be read"}),
          .content_type = "application/json"};
}

}  // namespace simulator
