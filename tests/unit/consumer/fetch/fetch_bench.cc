#include "tests/unit/consumer/fetch/fetch_bench.h"

#include <stdexcept>
#include <utility>

namespace consumer {

HttpReply Status(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

HttpReply Json(std::string body) { return Status(200, std::move(body)); }

HttpReply Fault(TransportFault fault) {
  HttpReply reply;
  reply.fault = fault;
  return reply;
}

HttpReply RetryAfter(HttpReply reply, std::string field) {
  reply.retry_after = std::move(field);
  return reply;
}

HttpReply Token(const std::string& token, int life_s) {
  return Json(R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
              std::to_string(life_s) + "}");
}

std::string Describe(const FetchResult& result) {
  std::string text = std::to_string(result.id) + ": ";
  if (const auto* fetched = std::get_if<Fetched>(&result.outcome)) {
    text += "process=" + fetched->process.value_or("-");
    text += " dossier=" + fetched->dossier.value_or("-");
    if (fetched->status) text += " status=" + *fetched->status;
    if (fetched->updated_at) text += " updated " + common::FormatRfc3339(*fetched->updated_at);
  } else if (const auto* not_finished = std::get_if<NotFinished>(&result.outcome)) {
    text += "not finished, " + std::to_string(static_cast<int>(not_finished->why));
  } else {
    const auto& unfetchable = std::get<Unfetchable>(result.outcome);
    text += std::string(common::ToText(unfetchable.reason)) + " " +
            std::to_string(unfetchable.http_status);
    if (!unfetchable.trace_id.empty()) text += " " + unfetchable.trace_id;
  }
  return text + " (" + std::to_string(result.effort.attempts) + " attempts)";
}

FetchJob Job(JobId id, const std::string& process, bool is_final) {
  return {.id = id,
          .dossier = common::DossierId("d-" + process),
          .process = common::ProcessId(process),
          .is_final = is_final};
}

FetchSettings FetchBench::DefaultSettings() {
  FetchSettings settings;
  settings.base_url = "https://api.test/assure/";
  settings.token_url = "https://login.test/token";
  settings.client_id = "id";
  settings.client_secret = "secret";
  settings.scope = "signicat-api";
  settings.ids = IdRule::kIfPresent;  // Keeps the answers of most tests short.
  return settings;
}

FetchBench::FetchBench(FetchSettings settings)
    : scheduler(std::move(settings), transport, events,
                {.wall_now = [this] { return wall_now; },
                 .unit_random = [this] { return unit_random; }}) {}

void FetchBench::Step() {
  for (const FetchResult& result : scheduler.Advance(now)) ended.push_back(Describe(result));
}

void FetchBench::Settle(const Script& script) {
  Step();
  for (int round = 0; round < 1'000'000; ++round) {
    bool was_answered = false;
    for (std::size_t i = 0; i < transport.under_way().size() && !was_answered; ++i) {
      if (auto reply = script(transport.under_way()[i])) {
        transport.Answer(i, *std::move(reply));
        was_answered = true;
      }
    }
    if (!was_answered) return;
    Step();
  }
  throw std::runtime_error("does not settle");
}

void FetchBench::Run(std::chrono::milliseconds span, const Script& script) {
  const TimePoint end = now + span;
  Settle(script);
  for (int round = 0; round < 1'000'000; ++round) {
    const TimePoint due = scheduler.NextDue(now);
    if (due > end) {
      wall_now += std::chrono::floor<std::chrono::milliseconds>(end - now);
      now = end;
      return;
    }
    if (due > now) {
      wall_now += std::chrono::floor<std::chrono::milliseconds>(due - now);
      now = due;
    }
    Settle(script);
  }
  throw std::runtime_error("is always due");
}

void FetchBench::Answer(const std::string& suffix, HttpReply reply) {
  const auto& under_way = transport.under_way();
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    if (!under_way[i].url.ends_with(suffix)) continue;
    transport.Answer(i, std::move(reply));
    Step();
    return;
  }
  throw std::runtime_error("not in flight: " + suffix);
}

void FetchBench::GetToken() {
  Submit(Job(0, "for-the-token"));
  Settle(Healthy);
  ended.clear();
  events = RecordedEvents();
}

std::optional<HttpReply> Healthy(const HttpRequest& request) {
  if (request.url.ends_with("/token")) return Token("t");
  if (request.url.find("/processes/") != std::string::npos) return Json(R"({"status":"accepted"})");
  return Json(R"({"d":1})");
}

}  // namespace consumer
