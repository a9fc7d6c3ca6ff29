#include "tests/component/common/http/scripted_service.h"

#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;

/// A flood of requests must not look as if the server took memory for it.
constexpr std::size_t kMostReports = 50'000;

std::string_view Name(HttpFault fault) {
  switch (fault) {
    case HttpFault::kMalformed:
      return "malformed";
    case HttpFault::kLengthRequired:
      return "length required";
    case HttpFault::kHeadTooLarge:
      return "head too large";
    case HttpFault::kBodyTooLarge:
      return "body too large";
    case HttpFault::kHeadTooSlow:
      return "head too slow";
    case HttpFault::kBodyTooSlow:
      return "body too slow";
    case HttpFault::kTooManyConnections:
      return "too many connections";
    case HttpFault::kOverloaded:
      return "overloaded";
    case HttpFault::kAnswerTooLate:
      return "answer too late";
    case HttpFault::kInternal:
      return "internal";
  }
  return "?";
}

}  // namespace

Admission ScriptedService::Admit(const RequestHead& head) {
  if (head.path == "/throw-admit") throw std::runtime_error("scripted");
  if (head.path == "/refuse") {
    return {.refusal = Answer{.status = 503, .body = "refused"}, .tag = kRefusedTag};
  }
  if (head.method != "POST" && head.method != "GET" && head.method != "HEAD") {
    return {.refusal = Answer{.status = 405}, .tag = kRefusedTag};
  }
  ++receiving_;
  return {.refusal = {}, .tag = kServedTag, .is_sender_known = !head.Find("x-unknown")};
}

bool ScriptedService::MayHold(std::size_t /*held*/, std::size_t more,
                              std::optional<std::uint32_t> /*tag*/) {
  const std::size_t held = held_ += more;
  if (held > held_limit_) {
    held_ -= more;
    return false;
  }
  for (std::size_t most = most_held_;
       most < held && !most_held_.compare_exchange_weak(most, held);) {
  }
  return true;
}

std::optional<Answer> ScriptedService::Handle(const RequestHead& head, std::string_view body,
                                              std::uint32_t /*tag*/, const Ticket& ticket) {
  if (head.path == "/throw") throw std::runtime_error("scripted");
  if (head.path == "/later") {
    tickets_.With([&](auto& tickets) { tickets.push_back(ticket); });
    return std::nullopt;
  }
  if (head.path == "/block") Block();
  if (head.path == "/big") return Answer{.body = std::string(big_body_, 'b')};
  return Answer{.body = std::string(body), .close = head.path == "/close"};
}

Answer ScriptedService::AnswerFault(HttpFault fault, std::optional<std::uint32_t> /*tag*/) {
  return Answer{.status = DefaultStatus(fault), .body = std::string(Name(fault))};
}

void ScriptedService::Answered(const AnswerReport& report) {
  if (report.note == kBlockingNote) Block();
  reports_.With([&](auto& reports) {
    if (reports.size() < kMostReports) reports.push_back(report);
  });
}

std::optional<Ticket> ScriptedService::TakeTicket(std::chrono::milliseconds limit) {
  std::optional<Ticket> taken;
  (void)tests::WaitUntil(
      [&] {
        tickets_.With([&](auto& tickets) {
          if (tickets.empty()) return;
          taken = tickets.front();
          tickets.erase(tickets.begin());
        });
        return taken.has_value();
      },
      limit, 1ms);
  return taken;
}

void ScriptedService::Block() {
  is_blocked_ = true;
  is_blocked_.wait(true);
}

void ScriptedService::Unblock() {
  is_blocked_ = false;
  is_blocked_.notify_all();
}

std::vector<AnswerReport> ScriptedService::reports() const {
  return reports_.With([](const auto& reports) { return reports; });
}

std::vector<AnswerReport> ScriptedService::WaitForReports(std::size_t count) const {
  (void)tests::WaitUntil([&] { return reports().size() >= count; }, 5s, 1ms);
  return reports();
}

std::string Describe(const AnswerReport& report) {
  std::string text = std::to_string(report.status);
  if (report.fault) text.append(" fault=").append(Name(*report.fault));
  if (report.tag) text.append(" tag=").append(std::to_string(*report.tag));
  return text;
}

RunningServer::RunningServer(const ServerOptions& options, std::size_t big_body)
    : service_(big_body) {
  auto server = Server::Start(options, service_);
  if (!server) throw std::runtime_error(server.error().detail);
  server_ = *std::move(server);
}

}  // namespace common::http
