#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "common/base/rfc3339.h"
#include "consumer/fetch/answer.h"
#include "consumer/fetch/api_gate.h"
#include "consumer/fetch/assure_requests.h"
#include "consumer/fetch/fetch_events.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/fetch/http_transport.h"
#include "consumer/fetch/job_queue.h"
#include "consumer/fetch/token_cache.h"
#include "consumer/fetch/turns.h"
#include "consumer/policy/fetch_retry_policy.h"

namespace consumer {

class AttemptTraces;

/// Fetches the process and dossier of every job, with retries, and returns how each job ended.
///
///   Submit ─► queue of its process ─► ready ─► process ─► dossier ─► result
///                (one at a time)       ▲ └──────────┴──────────┘
///                                      └── delayed ◄┘ retry
///
/// Fetches the process before the dossier: a missing, gone or unfinished process then costs one
/// request instead of two, for one more round trip of latency.
///
/// Threads:  confined to the lane.
/// Lifetime: transport and events must outlive it.
/// Time:     steady time is an argument; wall time and randomness are injected.
class FetchScheduler {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Injected {
    std::function<common::WallTime()> wall_now = common::WallNow;
    std::function<double()> unit_random;  ///< In [0, 1), for the jitter. Must be set.
    AttemptTraces* traces = nullptr;      ///< None: requests are not traced.
  };

  FetchScheduler(FetchSettings settings, HttpTransport& transport, FetchEvents& events,
                 Injected injected);
  FetchScheduler(const FetchScheduler&) = delete;
  FetchScheduler& operator=(const FetchScheduler&) = delete;

  /// Sends nothing before the next Advance().
  void Submit(FetchJob job, TimePoint now);
  /// Drops every job and its result. Keeps the token and the breaker.
  void CancelAll();
  /// The same for these jobs.
  void Cancel(const std::unordered_set<JobId>& ids);
  /// Reads the transport's replies, starts due requests, returns the jobs that ended since the last
  /// call.
  std::vector<FetchResult> Advance(TimePoint now);
  /// When Advance() must be called again even without a reply or a submission; at least `now`.
  /// TimePoint::max(): never.
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;
  /// False while the breaker is open, except for fresh callbacks as probes, because the jobs in
  /// hand may be the only ones that fail. Ask before each Submit().
  [[nodiscard]] bool WantsIntake() const { return turns_.WantsIntake(); }
  /// Jobs in hand: submitted and not yet returned or cancelled.
  [[nodiscard]] std::size_t pending() const { return jobs_.size() + results_.size(); }
  [[nodiscard]] bool breaker_open() const { return gate_.breaker().is_open(); }
  /// When the open breaker's next probe is due. None: it is closed, or a probe is under way.
  [[nodiscard]] std::optional<TimePoint> NextProbe(TimePoint now) const;

  /// The next token is asked for with it, and at once if the old one was refused.
  void ReplaceSecret(std::string client_secret);

 private:
  void StartAllowed(TimePoint now);
  void RequestToken(TimePoint now);
  void Start(FetchTask& task, const std::string& token, TimePoint now);

  void HandleTokenReply(const HttpReply& reply, TimePoint now);
  void HandleReply(FetchTask& task, HttpReply& reply, TimePoint now);
  /// True if the answer is a 401 that a new token may cure: retry at once.
  bool NeedsNewToken(FetchTask& task, Reaction reaction, TimePoint now);
  void Judge(FetchTask& task, Answer answer, std::optional<std::chrono::milliseconds> retry_after,
             TimePoint now);
  [[nodiscard]] bool IsWitnessed(const FetchTask& task) const;
  void JudgeLook(FetchTask& task, Answer answer);
  void Report(const HttpReply& reply, Resource resource, Reaction reaction,
              std::string_view trace_id = {}, const FetchJob* job = nullptr);
  [[nodiscard]] std::optional<std::chrono::milliseconds> ReadRetryAfter(
      const HttpReply& reply) const;
  void ReportHold(Resource resource, std::chrono::milliseconds wait);

  void Accept(FetchTask& task, std::string body);
  void Retry(FetchTask& task, TimePoint due, JobQueue::Delay delay);
  void GiveUpOn(FetchTask& task, common::DeadReason reason);
  void Publish(FetchTask& task, std::optional<std::string> process,
               std::optional<std::string> dossier);
  void Finish(FetchTask& task, FetchOutcome outcome);
  std::optional<std::string> ReleaseProcess(FetchTask& task);

  FetchSettings settings_;
  HttpTransport& transport_;
  FetchEvents& events_;
  const Injected injected_;
  AssureRequests requests_;
  const AnswerRules rules_;
  const FetchRetryPolicy policy_;

  ApiGate gate_;
  TokenCache token_;
  TimePoint advanced_at_ = TimePoint::max();
  bool has_stood_still_ = false;
  JobQueue jobs_;
  Turns turns_{jobs_, gate_};
  std::uint64_t last_request_ = 0;
  std::optional<std::uint64_t> token_request_;
  std::unordered_map<std::uint64_t, JobId> in_flight_;  ///< By request id.
  std::size_t held_bytes_ = 0;                          ///< Process bodies of all jobs.
  std::vector<FetchResult> results_;
};

}  // namespace consumer
