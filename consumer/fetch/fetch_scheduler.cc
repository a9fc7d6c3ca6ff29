#include "consumer/fetch/fetch_scheduler.h"

#include <algorithm>
#include <utility>

#include "consumer/policy/reaction.h"

namespace consumer {

using TimePoint = FetchScheduler::TimePoint;

FetchScheduler::FetchScheduler(FetchSettings settings, HttpTransport& transport,
                               FetchEvents& events, Ambience ambience)
    : settings_(std::move(settings)),
      transport_(transport),
      events_(events),
      ambience_(std::move(ambience)),
      requests_(settings_),
      rules_{.redaction = Redaction(settings_.redact), .ids = settings_.ids},
      policy_({.backoff = settings_.backoff,
               .max_age = settings_.max_age,
               .not_found_for = settings_.not_found_for}),
      gate_(settings_, events),
      token_(settings_.backoff) {}

void FetchScheduler::Submit(FetchJob job, TimePoint /*now*/) {
  failed_probes_ = 0;
  if (!IsAddressable(job)) {
    results_.push_back(
        {.id = job.id,
         .attempts = 0,
         .outcome = Unfetchable{
             .reason = common::DeadReason::kRejected, .http_status = 0, .trace_id = {}}});
    return;
  }
  FetchTask& task = jobs_.Add(std::move(job));
  task.step = settings_.wants_process ? Resource::kProcess : Resource::kDossier;
}

void FetchScheduler::CancelAll() {
  for (const auto& [request, job] : in_flight_) transport_.Cancel(request);
  in_flight_.clear();
  gate_.CancelledAll();
  jobs_.Clear();
  probe_.reset();
  failed_probes_ = 0;
  held_bytes_ = 0;
  results_.clear();
}

std::vector<FetchResult> FetchScheduler::Advance(TimePoint now) {
  // The times of requests ran out while the process stood still, answers or not.
  has_stood_still_ = now - std::exchange(advanced_at_, now) > settings_.timeout / 2;
  for (HttpReply& reply : transport_.Collect()) {
    if (reply.id == token_request_) {
      TakeTokenReply(reply, now);
    } else if (const auto request = in_flight_.find(reply.id); request != in_flight_.end()) {
      FetchTask& task = *jobs_.Find(request->second);
      in_flight_.erase(request);
      TakeReply(task, reply, now);
    }
  }
  jobs_.MoveDue(now);
  StartWhatMay(now);
  return std::exchange(results_, {});
}

// ---- Starting

/// With the breaker closed, what is ready; with the breaker open, one job at a time, be it ready or
/// delayed.
bool FetchScheduler::HasStartable() const {
  return breaker_open() ? !probe_ && jobs_.HasReadyOrDelayed() : jobs_.HasReady();
}

void FetchScheduler::StartWhatMay(TimePoint now) {
  while (HasStartable()) {
    const auto start = gate_.NextStart();
    if (!start || *start > now) return;
    if (token_.IsWanted(now) && token_.NotBefore(breaker_open()) <= now) RequestToken(now);
    const std::string* token = token_.Usable(now);
    if (token == nullptr) return;
    Start(jobs_.TakeFirst(), *token, now);
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
  if (breaker_open()) probe_ = task.job.id;
  gate_.Started(now);
  if (!task.first_attempt) task.first_attempt = gate_.breaker().ClosedTime(now);
  task.started = now;
  task.token_generation = token_.generation();
  ++task.attempts;
  transport_.Start(task.step == Resource::kProcess ? requests_.Process(request, task.job, token)
                                                   : requests_.Dossier(request, task.job, token));
}

TimePoint FetchScheduler::NextDue(TimePoint now) const {
  if (!results_.empty()) return now;
  const auto start = gate_.NextStart();
  const bool is_probing = breaker_open() && probe_;
  if (!start || is_probing || !jobs_.HasReadyOrDelayed()) return TimePoint::max();
  TimePoint due = std::max(now, *start);
  if (!HasStartable()) due = std::max(due, *jobs_.NextDelayed());
  if (token_.Usable(due) != nullptr) return due;
  if (token_.is_under_way()) return TimePoint::max();
  return std::max(due, token_.NotBefore(breaker_open()));
}

bool FetchScheduler::WantsIntake() const { return !breaker_open() || failed_probes_ >= pending(); }

// ---- Judging

void FetchScheduler::TakeTokenReply(const HttpReply& reply, TimePoint now) {
  token_request_.reset();
  TokenAnswer answer = ReadToken(reply);
  Report(reply, Resource::kToken, answer.reaction);
  if (const auto wait = TakeRetryAfter(reply, Resource::kToken)) token_.HoldUntil(now + *wait);
  if (answer.token) {
    token_.Renewed(std::move(answer.token->access_token), answer.token->expires_in);
  } else {
    gate_.TokenFailed(now);
    if (token_.Usable(now) == nullptr) gate_.ProbeStarted(token_.requested_at());
    token_.Failed(now, ambience_.unit_random());
  }
}

void FetchScheduler::TakeReply(FetchTask& task, HttpReply& reply, TimePoint now) {
  const bool was_probe = probe_ == task.job.id;
  if (was_probe) probe_.reset();
  Answer answer = ReadAnswer(reply, Question(task.step, task.job), task.job.is_final, rules_);
  const bool is_foreign = answer.reaction == Reaction::kForeign;
  if (reply.status != 0 && !is_foreign) {
    task.last_status = reply.status;
    task.last_trace_id = answer.trace_id;
  }
  Report(reply, task.step, answer.reaction, answer.trace_id, &task.job);

  const bool needs_new_token = answer.reaction == Reaction::kRenewToken && !task.has_renewed_token;
  task.has_renewed_token = needs_new_token;
  const bool is_own_fault = has_stood_still_ && reply.fault == TransportFault::kTimeout;
  gate_.Took({.fault = reply.fault,
              .status = answer.status,
              .host = answer.host,
              .started = task.started,
              .retry_after = is_foreign ? std::nullopt : TakeRetryAfter(reply, task.step),
              .tells_of_host = !needs_new_token && !is_own_fault},
             now);
  if (was_probe && breaker_open() && !needs_new_token) ++failed_probes_;
  if (needs_new_token) {
    token_.Drop(task.token_generation);
    if (was_probe) gate_.ProbeToldNothing(now);
    jobs_.PutFirst(task);
  } else {
    Judge(task, std::move(answer), now);
  }
}

void FetchScheduler::Judge(FetchTask& task, Answer answer, TimePoint now) {
  const FetchHistory history{.retries = task.retries,
                             .unreadable = task.unreadable,
                             .age = std::chrono::floor<std::chrono::milliseconds>(
                                 gate_.breaker().ClosedTime(now) - *task.first_attempt)};
  const FetchDecision decision = policy_.Decide(answer.reaction, history, ambience_.unit_random());
  if (std::holds_alternative<Done>(decision)) {
    Accept(task, std::move(answer.body));
  } else if (const auto* give_up = std::get_if<GiveUp>(&decision)) {
    GiveUpOn(task, give_up->reason);
  } else {
    if (answer.reaction == Reaction::kUnreadable) ++task.unreadable;
    Retry(task, now + std::get<RetryIn>(decision).delay);
  }
}

void FetchScheduler::Report(const HttpReply& reply, Resource resource, Reaction reaction,
                            std::string_view trace_id, const FetchJob* job) {
  events_.AttemptFinished({.resource = resource,
                           .result = ResultOf(reply.fault, reply.status, reaction),
                           .elapsed = reply.elapsed,
                           .http_status = reply.status,
                           .fault = reply.fault,
                           .trace_id = trace_id,
                           .detail = reply.error,
                           .job = job});
}

std::optional<std::chrono::milliseconds> FetchScheduler::TakeRetryAfter(const HttpReply& reply,
                                                                        Resource resource) {
  const common::WallTime now = ambience_.wall_now();
  const auto wait = RetryAfterOf(reply, now);
  if (wait && wait->count() > 0) events_.HeldBack(resource, *wait, now + *wait);
  return wait;
}

// ---- Going on

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

void FetchScheduler::Retry(FetchTask& task, TimePoint due) {
  ++task.retries;
  if (task.process && held_bytes_ > settings_.max_held_bytes) {
    ReleaseProcess(task);
    task.step = Resource::kProcess;
  }
  jobs_.Delay(task, due);
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
  Finish(task, Fetched{.process = std::move(process),
                       .dossier = std::move(dossier),
                       .fetched_at = ambience_.wall_now()});
}

void FetchScheduler::Finish(FetchTask& task, std::variant<Fetched, Unfetchable> outcome) {
  ReleaseProcess(task);
  results_.push_back({.id = task.job.id, .attempts = task.attempts, .outcome = std::move(outcome)});
  jobs_.Remove(task.job.id);
}

std::optional<std::string> FetchScheduler::ReleaseProcess(FetchTask& task) {
  if (task.process) held_bytes_ -= task.process->size();
  return std::exchange(task.process, std::nullopt);
}

}  // namespace consumer
