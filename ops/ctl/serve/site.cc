#include "ops/ctl/serve/site.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/text.h"
#include "ops/ctl/serve/answers.h"
#include "ops/ctl/serve/query.h"

namespace ctl {
namespace {

using common::http::Admission;
using common::http::Answer;
using common::http::RequestHead;

/// Tags: a page file, a route behind the files, or the exchange of the token.
constexpr std::uint32_t kExchange = 0xFFFFFFFF;

constexpr std::string_view kStranger =
    "This is not the address that sluicectl listens on, or another page has asked for this one. "
    "Paste the address that sluicectl has printed into the address bar.";
constexpr std::string_view kNoSession =
    "This page needs the address that `sluicectl serve` has printed. It opens the page once, in "
    "one browser; start the command again for another one.";

bool IsRead(std::string_view method) { return method == "GET" || method == "HEAD"; }

/// Of the job for a request. A connection has one request at a time.
std::uint64_t NameOf(const common::http::Ticket& ticket) { return ticket.connection; }
/// No connection has this number.
constexpr std::uint64_t kNobody = ~std::uint64_t{0};

bool Matches(std::string_view method, const RequestHead& head) {
  return head.method == method || (method == "GET" && head.method == "HEAD");
}

Answer MethodNotAllowed(std::string_view allowed) {
  Answer answer = ErrorAnswer(405, "another method is needed");
  answer.fields.emplace_back("Allow", allowed == "GET" ? "GET, HEAD" : allowed);
  return answer;
}

bool IsJson(const RequestHead& head) {
  const std::string_view type = head.Find("content-type").value_or("");
  return common::EqualsIgnoringCase(common::TrimAscii(type.substr(0, type.find(';'))),
                                    "application/json");
}

Answer AnswerOf(const ApiRoute& route, const ApiRequest& request, const std::stop_token& stop) {
  try {
    common::Result<std::string> json = route.answer(request, stop);
    return json ? JsonAnswer(*std::move(json)) : ErrorAnswer(json.error());
  } catch (const std::exception& failure) {
    return ErrorAnswer(500, failure.what());
  }
}

}  // namespace

Site::Site(SameOrigin origin, Session& session, std::vector<ApiRoute> routes, JobRunner& jobs,
           Complete complete)
    : origin_(std::move(origin)),
      session_(session),
      routes_(std::move(routes)),
      jobs_(jobs),
      complete_(std::move(complete)) {}

std::optional<Answer> Site::RefuseStranger(const RequestHead& head) const {
  if (origin_.IsOurHost(head) && SameOrigin::IsOurOrigin(head)) return std::nullopt;
  return SentenceAnswer(403, kStranger);
}

Admission Site::Admit(const RequestHead& head) {
  if (auto refusal = RefuseStranger(head)) return {.refusal = std::move(refusal)};
  if (head.method == "GET" && head.path == "/" && !FindInQuery(head.target, "token").empty()) {
    return {.refusal = {}, .tag = kExchange};
  }
  if (!session_.Admits(head)) return {.refusal = SentenceAnswer(401, kNoSession)};
  return AdmitPath(head);
}

Admission Site::AdmitPath(const RequestHead& head) const {
  const std::span<const PageFile> files = PageFiles();
  const auto file = std::ranges::find(files, head.path, &PageFile::path);
  if (file != files.end()) {
    if (!IsRead(head.method)) return {.refusal = MethodNotAllowed("GET")};
    return {.refusal = {}, .tag = static_cast<std::uint32_t>(file - files.begin())};
  }
  const auto route = std::ranges::find(routes_, head.path, &ApiRoute::path);
  if (route == routes_.end()) return {.refusal = ErrorAnswer(404, "there is nothing here")};
  if (auto refusal = RefuseRoute(*route, head)) return {.refusal = std::move(refusal)};
  const auto index = static_cast<std::size_t>(route - routes_.begin());
  return {.refusal = {}, .tag = static_cast<std::uint32_t>(files.size() + index)};
}

std::optional<Answer> Site::RefuseRoute(const ApiRoute& route, const RequestHead& head) {
  if (!Matches(route.method, head)) return MethodNotAllowed(route.method);
  if (!route.required_option.empty()) {
    return ErrorAnswer(403,
                       "not allowed: start sluicectl with " + std::string(route.required_option));
  }
  if (!IsRead(route.method) && !IsJson(head)) return ErrorAnswer(415, "the body must be JSON");
  return std::nullopt;
}

std::optional<Answer> Site::Handle(const RequestHead& head, std::string_view body,
                                   std::uint32_t tag, const common::http::Ticket& ticket) {
  if (tag == kExchange) {
    auto cookie = session_.Exchange(FindInQuery(head.target, "token"));
    return cookie ? WelcomeAnswer(*std::move(cookie)) : SentenceAnswer(401, kNoSession);
  }
  const std::span<const PageFile> files = PageFiles();
  if (tag < files.size()) return PageAnswer(files[tag]);
  const ApiRoute& route = routes_[tag - files.size()];
  common::Result<Arguments> query = ReadQuery(head.target, route.parameters);
  if (!query) return ErrorAnswer(query.error());
  ApiRequest request{*std::move(query), std::string(body)};
  if (route.is_immediate) return AnswerOf(route, request, {});
  return StartAnswer(route, std::move(request), ticket);
}

std::optional<Answer> Site::StartAnswer(const ApiRoute& route, ApiRequest request,
                                        const common::http::Ticket& ticket) {
  const bool has_started = jobs_.Start(
      [this, &route, request = std::move(request), ticket](const std::stop_token& stop) {
        complete_(ticket, AnswerOf(route, request, stop));
      },
      IsRead(route.method) ? NameOf(ticket) : kNobody);
  if (has_started) return std::nullopt;
  return ErrorAnswer(503, "busy with other answers: try again in a few seconds");
}

void Site::Abandoned(const common::http::Ticket& ticket) { jobs_.Stop(NameOf(ticket)); }

Answer Site::AnswerFault(common::http::HttpFault fault, std::optional<std::uint32_t> /*tag*/) {
  return WithoutBody(common::http::DefaultStatus(fault));
}

}  // namespace ctl
