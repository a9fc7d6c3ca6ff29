#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "consumer/fetch/fetch_scheduler.h"
#include "tests/unit/consumer/fetch/scripted_transport.h"

namespace consumer {

/// Records the scheduler's reports as text.
class RecordedEvents final : public FetchEvents {
 public:
  void AttemptFinished(const AttemptReport& report) override {
    attempts.push_back(std::string(ToText(report.resource)) + " " +
                       std::string(ToText(report.result)));
    trace_ids.emplace_back(report.trace_id);
    last_job = report.job != nullptr ? std::optional(report.job->id) : std::nullopt;
  }
  void BreakerOpened() override { breaker.emplace_back("opened"); }
  void BreakerClosed(std::chrono::steady_clock::duration open_for) override {
    breaker.push_back(
        "closed after " +
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(open_for).count()) + " s");
  }
  void HeldBack(Resource resource, std::chrono::milliseconds wait,
                common::WallTime until) override {
    held.push_back(std::string(ToText(resource)) + " " + std::to_string(wait.count()) +
                   " ms until " + common::FormatRfc3339(until));
  }
  void ConcurrencyLimitChanged(int limit) override { concurrency_limit = limit; }
  void InFlightChanged(int count) override { in_flight = count; }

  std::vector<std::string> attempts;
  std::vector<std::string> trace_ids;
  std::vector<std::string> breaker;
  std::vector<std::string> held;
  std::optional<JobId> last_job;
  int concurrency_limit = -1;
  int in_flight = -1;
};

HttpReply Status(int status, std::string body = {});
HttpReply Json(std::string body);
HttpReply Fault(TransportFault fault);
HttpReply RetryAfter(HttpReply reply, std::string field);
HttpReply Token(const std::string& token, int life_s = 600);

inline const HttpReply kFound = Json(R"({"status":"accepted"})");
inline const HttpReply kPending = Json(R"({"status":"pending"})");
inline const HttpReply kError = Status(500, R"({"traceId":"trace-5"})");

/// "1: process={…} dossier={…} (2 attempts)" or "1: gone 404 trace (3 attempts)".
std::string Describe(const FetchResult& result);

FetchJob Job(JobId id, const std::string& process, bool is_final = true);

/// A scheduler on a scripted transport, with its own clock. Time passes only in Wait().
class FetchBench {
 public:
  using TimePoint = FetchScheduler::TimePoint;
  /// Gives the answer to a request; none: it stays in flight.
  using Script = std::function<std::optional<HttpReply>(const HttpRequest&)>;

  explicit FetchBench(FetchSettings settings = DefaultSettings());
  static FetchSettings DefaultSettings();

  void Submit(const FetchJob& job) { scheduler.Submit(job, now); }
  /// One Advance(). Appends the jobs that ended to `ended`.
  void Step();
  /// Answers by `script` and advances until nothing more happens at this time.
  void Settle(const Script& script);
  /// Repeats Settle(), moving the time to NextDue(), until `span` has passed.
  void Run(std::chrono::milliseconds span, const Script& script);
  void Wait(std::chrono::milliseconds span) { now += span; }
  /// Answers the only request in flight whose URL ends with `suffix`, then advances.
  void Answer(const std::string& suffix, HttpReply reply);
  /// Gets the token without submitting a job.
  void GetToken();

  TimePoint now{std::chrono::hours(1000)};
  common::WallTime wall_now{std::chrono::hours(490'000)};
  double unit_random = 0.5;

  ScriptedTransport transport;
  RecordedEvents events;
  FetchScheduler scheduler;
  std::vector<std::string> ended;
};

/// Finds everything: a token, finished processes, dossiers.
std::optional<HttpReply> Healthy(const HttpRequest& request);

}  // namespace consumer
