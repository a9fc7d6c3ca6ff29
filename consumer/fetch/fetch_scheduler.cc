#include "consumer/fetch/fetch_scheduler.h"

#include <algorithm>
#include <utility>

#include "consumer/fetch/attempt_traces.h"
#include "consumer/policy/reaction.h"

namespace consumer {

using TimePoint = FetchScheduler::TimePoint;

namespace {

/// Names the resource of the task's last request.
std::string NameOf(const FetchTask& task) {
  const bool is_process = task.step == Resource::kProcess;
  return is_process ? "process " + task.job.process.str() : "dossier " + task.job.dossier.str();
}

Reaction NotAccepted(Reaction reaction) {
  return reaction == Reaction::kAccept ? Reaction::kUnreadable : reaction;
}

}  // namespace

FetchScheduler::FetchScheduler(FetchSettings settings, HttpTransport& transport,
                               FetchEvents& events, Injected injected)
    : settings_(std::move(settings)),
      transport_(transport),
      events_(events),
      injected_(std::move(injected)),
      requests_(settings_),
      rules_{.form = PublishedForm(settings_), .ids = settings_.ids},
      policy_({.backoff = settings_.backoff,
               .max_age = settings_.max_age,
               .not_found_for = settings_.not_found_for}),
      gate_(settings_, events),
      token_(settings_.backoff) {}

void FetchScheduler::Submit(FetchJob job, TimePoint now) {
  if (!IsAddressable(job)) {
    results_.push_back(
        {.id = job.id,
         .effort = {},
         .outcome = Unfetchable{
             .reason = common::DeadReason::kRejected, .http_status = 0, .trace_id = {}}});
    return;
  }
  const bool asks_process = settings_.wants_process || job.is_look;
  const Resource first = asks_process ? Resource::kProcess : Resource::kDossier;
  if (jobs_.Add(std::move(job), first, now)) turns_.JobAdded();
}

void FetchScheduler::CancelAll() {
  for (const auto& [request, job] : in_flight_) transport_.Cancel(request);
  in_flight_.clear();
  gate_.CancelledAll();
  jobs_.Clear();
  turns_.Clear();
  held_bytes_ = 0;
  results_.clear();
}

void FetchScheduler::Cancel(const std::unordered_set<JobId>& ids) {
  for (auto request = in_flight_.begin(); request != in_flight_.end();) {
    if (!ids.contains(request->second)) {
      ++request;
      continue;
    }
    transport_.Cancel(request->first);
    gate_.Cancelled(*jobs_.Find(request->second));
    turns_.Cancelled(request->second);
    request = in_flight_.erase(request);
  }
  for (const JobId id : ids) {
    if (FetchTask* const task = jobs_.Find(id)) ReleaseProcess(*task);
  }
  jobs_.Drop(ids);
  std::erase_if(results_, [&](const FetchResult& result) { return ids.contains(result.id); });
}

std::vector<FetchResult> FetchScheduler::Advance(TimePoint now) {
  // Requests time out while the process is suspended, even if their answers came.
  has_stood_still_ = now - std::exchange(advanced_at_, now) > settings_.timeout / 2;
  for (HttpReply& reply : transport_.Collect()) {
    if (reply.id == token_request_) {
      HandleTokenReply(reply, now);
    } else if (const auto request = in_flight_.find(reply.id); request != in_flight_.end()) {
      FetchTask& task = *jobs_.Find(request->second);
      in_flight_.erase(request);
      HandleReply(task, reply, now);
    }
  }
  jobs_.MoveDue(now, [this](const FetchTask& task) { return gate_.HasOwnTrouble(task); });
  StartAllowed(now);
  return std::exchange(results_, {});
}

void FetchScheduler::StartAllowed(TimePoint now) {
  while (const auto turn = turns_.Next(now)) {
    if (token_.IsWanted(now) && token_.NotBefore(breaker_open()) <= now) RequestToken(now);
    const std::string* token = token_.Usable(now);
    if (token == nullptr) return;
    FetchTask& task = turns_.Take(*turn, now);
    const ApiGate::Share share = Turns::ShareOf(*turn);
    task.has_started_troubled = share == ApiGate::Share::kTroubled;
    gate_.Started(share, now);
    Start(task, *token, now);
  }
}

void FetchScheduler::RequestToken(TimePoint now) {
  token_.Requested(now);
  token_request_ = ++last_request_;
  transport_.Start(requests_.Token(*token_request_));
}

void FetchScheduler::Start(FetchTask& task, const std::string& token, TimePoint now) {
  const std::uint64_t request = ++last_request_;
  in_flight_.emplace(request, task.job.id);
  if (!task.first_attempt) task.first_attempt = gate_.breaker().ClosedTime(now);
  task.started = now;
  if (task.attempts == 0) task.began = now;
  task.token_generation = token_.generation();
  ++task.attempts;
  HttpRequest sent = task.step == Resource::kProcess ? requests_.Process(request, task.job, token)
                                                     : requests_.Dossier(request, task.job, token);
  if (injected_.traces != nullptr) {
    std::string traceparent = injected_.traces->AttemptStarts(task.job, task.step);
    if (!traceparent.empty()) sent.fields.emplace_back("traceparent", std::move(traceparent));
  }
  transport_.Start(std::move(sent));
}

TimePoint FetchScheduler::NextDue(TimePoint now) const {
  if (!results_.empty()) return now;
  const TimePoint start = turns_.NextDue(now);
  if (start == TimePoint::max()) return start;
  const TimePoint due = std::max(now, start);
  if (token_.Usable(due) != nullptr) return due;
  if (token_.is_under_way()) return TimePoint::max();
  return std::max(due, token_.NotBefore(breaker_open()));
}

std::optional<TimePoint> FetchScheduler::NextProbe(TimePoint now) const {
  if (!breaker_open()) return std::nullopt;
  const TimePoint due = NextDue(now);
  return due == TimePoint::max() ? std::nullopt : std::optional(due);
}

void FetchScheduler::ReplaceSecret(std::string client_secret) {
  settings_.client_secret = std::move(client_secret);
  requests_ = AssureRequests(settings_);
  token_.ForgetFailures();
}

void FetchScheduler::HandleTokenReply(const HttpReply& reply, TimePoint now) {
  token_request_.reset();
  TokenAnswer answer = ReadToken(reply);
  Report(reply, Resource::kToken, answer.reaction);
  if (const auto wait = ReadRetryAfter(reply)) {
    token_.HoldUntil(now + *wait);
    ReportHold(Resource::kToken, *wait);
  }
  if (answer.token) {
    token_.Renewed(std::move(answer.token->access_token), answer.token->expires_in);
  } else {
    gate_.TokenFailed(jobs_.processes(), now);
    if (token_.Usable(now) == nullptr) {
      gate_.ProbeStarted(CircuitBreaker::Probe::kToken, token_.requested_at());
    }
    token_.Failed(now, injected_.unit_random());
  }
}

void FetchScheduler::HandleReply(FetchTask& task, HttpReply& reply, TimePoint now) {
  const bool was_probe = turns_.Ended(task.job.id);
  Answer answer = ReadAnswer(reply, Question(task.step, task.job), task.job.is_final, rules_);
  const bool is_foreign = answer.reaction == Reaction::kForeign;
  if (reply.status != 0 && !is_foreign) {
    task.last_status = reply.status;
    task.last_trace_id = answer.trace_id;
  }
  if (is_foreign) transport_.CloseConnection(reply.connection);
  Report(reply, task.step, answer.reaction, answer.trace_id, &task.job);

  const bool needs_new_token = NeedsNewToken(task, answer.reaction, now);
  const bool is_own_fault = has_stood_still_ && reply.fault == TransportFault::kTimeout;
  const auto retry_after = is_foreign ? std::nullopt : ReadRetryAfter(reply);
  const bool was_open = breaker_open();
  const auto host_hold = gate_.Took({.fault = reply.fault,
                                     .status = answer.status,
                                     .host = answer.host,
                                     .tells_of_host = !needs_new_token && !is_own_fault,
                                     .resource = NameOf(task),
                                     .retry_after = retry_after,
                                     .in_hand = jobs_.processes()},
                                    task, now);
  ReportHold(task.step, host_hold);
  turns_.Judged(was_probe, was_open);
  if (!needs_new_token) return Judge(task, std::move(answer), retry_after, now);
  token_.Drop(task.token_generation);
  if (was_probe) gate_.ProbeInconclusive(now);
  if (retry_after) {
    jobs_.Postpone(task, now + *retry_after, JobQueue::Delay::kHold);
  } else {
    jobs_.PutFirst(task);
  }
}

// A task that a new token did not help gets no new token at each further attempt.
bool FetchScheduler::NeedsNewToken(FetchTask& task, Reaction reaction, TimePoint now) {
  constexpr std::chrono::minutes kYoung{1};
  const bool is_refused = reaction == Reaction::kRenewToken;
  const bool has_tried = std::exchange(task.has_renewed_token, false);
  task.is_refused_anyway = is_refused && (has_tried || task.is_refused_anyway);
  const bool is_young = now - token_.requested_at() < kYoung;
  const bool is_current = task.token_generation == token_.generation();
  task.has_renewed_token =
      is_refused && !has_tried && !(task.is_refused_anyway && is_current && is_young);
  return task.has_renewed_token;
}

void FetchScheduler::Judge(FetchTask& task, Answer answer,
                           std::optional<std::chrono::milliseconds> retry_after, TimePoint now) {
  if (task.job.is_look) return JudgeLook(task, std::move(answer));
  const FetchHistory history{.retries = task.retries,
                             .unreadable = task.unreadable,
                             .age = std::chrono::floor<std::chrono::milliseconds>(
                                 gate_.breaker().ClosedTime(now) - *task.first_attempt),
                             .is_witnessed = IsWitnessed(task)};
  const FetchDecision decision = policy_.Decide(answer.reaction, history, injected_.unit_random());
  if (std::holds_alternative<Done>(decision)) {
    Accept(task, std::move(answer.body));
  } else if (const auto* give_up = std::get_if<GiveUp>(&decision)) {
    GiveUpOn(task, give_up->reason);
  } else {
    if (answer.reaction == Reaction::kUnreadable) ++task.unreadable;
    const TimePoint due = now + std::max(std::get<RetryIn>(decision).delay,
                                         retry_after.value_or(std::chrono::milliseconds(0)));
    task.failed_at = now;
    Retry(task, due, retry_after ? JobQueue::Delay::kHold : JobQueue::Delay::kBackoff);
  }
}

bool FetchScheduler::IsWitnessed(const FetchTask& task) const {
  return !settings_.needs_witness || (task.failed_at && gate_.HasAnsweredSince(*task.failed_at));
}

// Its caller decides when to look again. A dossier that cannot be fetched is left out, as from the
// result of a callback.
void FetchScheduler::JudgeLook(FetchTask& task, Answer answer) {
  const bool is_process = task.step == Resource::kProcess;
  // Without a status nobody knows whether it is finished.
  if (is_process && !answer.process_status) answer.reaction = NotAccepted(answer.reaction);
  const bool cannot_be_had = answer.reaction == Reaction::kRetryMissing ||
                             answer.reaction == Reaction::kGone ||
                             answer.reaction == Reaction::kReject;
  if (answer.reaction == Reaction::kAccept) {
    if (is_process) {
      task.process_status = std::move(answer.process_status);
      task.updated_at = answer.updated_at;
    }
    Accept(task, std::move(answer.body));
  } else if (!is_process && cannot_be_had) {
    Publish(task, ReleaseProcess(task), std::nullopt);
  } else {
    Finish(task, NotFinished{.why = answer.reaction});
  }
}

void FetchScheduler::Report(const HttpReply& reply, Resource resource, Reaction reaction,
                            std::string_view trace_id, const FetchJob* job) {
  const AttemptReport report{.resource = resource,
                             .result = ResultOf(reply.fault, reply.status, reaction),
                             .elapsed = reply.elapsed,
                             .http_status = reply.status,
                             .fault = reply.fault,
                             .trace_id = trace_id,
                             .detail = reply.error,
                             .job = job};
  events_.AttemptFinished(report);
  if (injected_.traces != nullptr) injected_.traces->AttemptEnded(report);
}

std::optional<std::chrono::milliseconds> FetchScheduler::ReadRetryAfter(
    const HttpReply& reply) const {
  const auto wait = RetryAfterOf(reply, injected_.wall_now());
  return wait && wait->count() > 0 ? wait : std::nullopt;
}

void FetchScheduler::ReportHold(Resource resource, std::chrono::milliseconds wait) {
  if (wait.count() > 0) events_.HeldBack(resource, wait, injected_.wall_now() + wait);
}

void FetchScheduler::Accept(FetchTask& task, std::string body) {
  if (task.step == Resource::kDossier) {
    Publish(task, ReleaseProcess(task), std::move(body));
  } else if (!settings_.wants_dossier) {
    Publish(task, std::move(body), std::nullopt);
  } else {
    held_bytes_ += body.size();
    task.process = std::move(body);
    task.step = Resource::kDossier;
    jobs_.PutFirst(task);
  }
}

void FetchScheduler::Retry(FetchTask& task, TimePoint due, JobQueue::Delay delay) {
  ++task.retries;
  if (task.process && held_bytes_ > settings_.max_held_bytes) {
    ReleaseProcess(task);
    task.step = Resource::kProcess;
  }
  jobs_.Postpone(task, due, delay);
}

void FetchScheduler::GiveUpOn(FetchTask& task, common::DeadReason reason) {
  using common::DeadReason;
  const bool cannot_be_had = reason == DeadReason::kGone || reason == DeadReason::kRejected;
  if (task.process && cannot_be_had) {
    Publish(task, ReleaseProcess(task), std::nullopt);
  } else {
    Finish(task,
           Unfetchable{
               .reason = reason, .http_status = task.last_status, .trace_id = task.last_trace_id});
  }
}

void FetchScheduler::Publish(FetchTask& task, std::optional<std::string> process,
                             std::optional<std::string> dossier) {
  if (!settings_.wants_process) process.reset();
  Finish(task, Fetched{.process = std::move(process),
                       .dossier = std::move(dossier),
                       .fetched_at = injected_.wall_now(),
                       .status = std::move(task.process_status),
                       .updated_at = task.updated_at});
}

void FetchScheduler::Finish(FetchTask& task, FetchOutcome outcome) {
  ReleaseProcess(task);
  common::FetchEffort effort{.attempts = task.attempts};
  if (task.attempts > 0) {
    effort.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(advanced_at_ - task.began);
  }
  results_.push_back({.id = task.job.id, .effort = effort, .outcome = std::move(outcome)});
  jobs_.Remove(task.job.id);
}

std::optional<std::string> FetchScheduler::ReleaseProcess(FetchTask& task) {
  if (task.process) held_bytes_ -= task.process->size();
  return std::exchange(task.process, std::nullopt);
}

}  // namespace consumer
