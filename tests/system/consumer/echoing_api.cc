#include "tests/system/consumer/echoing_api.h"

#include <stdexcept>

#include "common/json/object_writer.h"

namespace tests {

using common::http::Answer;
using common::json::ObjectWriter;

namespace {

/// The path segment after `name`; empty if there is none.
std::string_view SegmentAfter(std::string_view path, std::string_view name) {
  const std::size_t at = path.find(name);
  if (at == std::string_view::npos) return {};
  path.remove_prefix(at + name.size());
  return path.substr(0, path.find('/'));
}

}  // namespace

EchoingApi::EchoingApi(std::string planted) : planted_(std::move(planted)) {
  auto server = common::http::Server::Start({}, *this);
  if (!server) throw std::runtime_error(server.error().detail);
  server_ = *std::move(server);
}

std::string EchoingApi::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
}

common::http::Admission EchoingApi::Admit(const common::http::RequestHead& /*head*/) { return {}; }

std::optional<Answer> EchoingApi::Handle(const common::http::RequestHead& head,
                                         std::string_view body, std::uint32_t /*tag*/,
                                         const common::http::Ticket& /*ticket*/) {
  const std::string authorization(head.Find("authorization").value_or(""));
  authorizations_.With([&](std::string& all) { all += authorization + "\n"; });
  const std::string echo = authorization + " " + std::string(body) + " " + planted_;
  if (head.path == "/token") return AnswerToken(echo);

  constexpr std::string_view kMark = "status-";
  const std::size_t mark = head.path.find(kMark);
  Answer answer;
  answer.content_type = "application/json";
  if (mark != std::string_view::npos) {
    answer.status = std::stoi(std::string(head.path.substr(mark + kMark.size(), 3)));
  }
  ObjectWriter document;
  document.Text("dossierId", SegmentAfter(head.path, "/dossiers/"));
  const std::string_view process = SegmentAfter(head.path, "/processes/");
  if (!process.empty()) document.Text("processId", process);
  document.Text("status", "accepted")
      .Text("message", echo)
      .Text("lastName", planted_)
      .Text("traceId", "4bf92f3577b34da6a3ce929d0e0e4736");
  answer.body =
      head.path.find("garbage") != std::string_view::npos ? "{ " + echo : document.Finish();
  answer.fields.emplace_back("Location", "http://elsewhere.example/?" + planted_);
  answer.fields.emplace_back("WWW-Authenticate", "Bearer error=\"" + planted_ + "\"");
  return answer;
}

Answer EchoingApi::AnswerToken(const std::string& echo) {
  const int count = token_requests_.With([](int& requests) { return ++requests; });
  Answer answer;
  answer.content_type = "application/json";
  answer.status = count == 1 ? 500 : count == 2 ? 401 : 200;
  answer.body = ObjectWriter()
                    .Text("access_token", "token-" + planted_)
                    .Number("expires_in", 3600)
                    .Text("error_description", echo)
                    .Finish();
  return answer;
}

Answer EchoingApi::AnswerFault(common::http::HttpFault fault,
                               std::optional<std::uint32_t> /*tag*/) {
  Answer answer;
  answer.status = common::http::DefaultStatus(fault);
  return answer;
}

}  // namespace tests
