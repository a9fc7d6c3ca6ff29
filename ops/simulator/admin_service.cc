#include "ops/simulator/admin_service.h"

#include <string>

namespace simulator {
namespace {

using common::http::Answer;

Answer Json(std::string body) {
  return {.status = 200, .body = std::move(body) + "\n", .content_type = "application/json"};
}

Answer Text(int status, std::string_view text) {
  return {.status = status, .body = std::string(text) + "\n"};
}

}  // namespace

common::http::Admission AdminService::Admit(const common::http::RequestHead& /*head*/) {
  return {};
}

std::optional<Answer> AdminService::Handle(const common::http::RequestHead& head,
                                           std::string_view body, std::uint32_t /*tag*/,
                                           const common::http::Ticket& ticket) {
  const bool is_get = head.method == "GET";
  if (is_get && head.path == "/livez") return Text(200, "ok");
  if (is_get && head.path == "/stats") return Json(stats_.ToJson());
  if (head.method == "DELETE" && head.path == "/stats") {
    stats_.Reset();
    return Json(stats_.ToJson());
  }
  if (is_get && head.path == "/behaviour") return Json(ToJson(api_.behaviour()));
  if (head.path != "/behaviour") return Text(404, "there are /behaviour, /stats and /livez");
  if (head.method != "PUT") return Text(405, "GET or PUT");
  const common::Result<Behaviour> behaviour = ParseBehaviour(body);
  if (!behaviour) return Text(400, behaviour.error().detail);
  apply_(*behaviour, ticket);
  return std::nullopt;
}

Answer AdminService::AnswerFault(common::http::HttpFault fault,
                                 std::optional<std::uint32_t> /*tag*/) {
  return Text(DefaultStatus(fault), "the request cannot be read");
}

}  // namespace simulator
