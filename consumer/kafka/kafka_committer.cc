#include "consumer/kafka/kafka_committer.h"

#include <algorithm>
#include <utility>

#include "common/kafka/classify_error.h"

namespace consumer {

using common::Deadline;

KafkaCommitter::KafkaCommitter(ClientSettings settings, const common::Logger& log, Timing timing)
    : settings_(std::move(settings)),
      log_(log),
      timing_(timing),
      gate_(settings_, log),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void KafkaCommitter::Submit(Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    exchange_.batch = std::move(batch);
  }
  changed_.notify_all();
}

std::optional<CommitReport> KafkaCommitter::TakeReport() {
  wake_.Drain();
  const std::lock_guard lock(mutex_);
  return std::exchange(exchange_.report, std::nullopt);
}

std::optional<CommitReport> KafkaCommitter::WaitReport(Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline.at(), [&] { return exchange_.report.has_value(); });
  return std::exchange(exchange_.report, std::nullopt);
}

void KafkaCommitter::HasSeen(const common::OffsetMetadata& basis) {
  if (basis.instance == settings_.transactional_id()) numbers_->HasSeen(basis.transaction);
}

void KafkaCommitter::Recycle() {
  {
    const std::lock_guard lock(mutex_);
    exchange_.must_recycle = true;
  }
  changed_.notify_all();
}

void KafkaCommitter::Run(const std::stop_token& stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    pulse_.Beat();
    if (TakeRecycling()) Discard();
    if (!is_ready_ && !PrepareProducer()) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, timing_.retry.Delay(failures++, 1.0), [] { return false; });
      continue;
    }
    failures = 0;
    std::optional<Batch> batch = NextBatch(stop);
    if (!batch) continue;
    CommitReport report = Commit(*std::move(batch));
    const bool must_discard = report.is_recycled;
    report.is_recycled = report.is_recycled || std::exchange(has_recycled_, false);
    {
      const std::lock_guard lock(mutex_);
      exchange_.report = std::move(report);
    }
    changed_.notify_all();
    wake_.Signal();
    if (must_discard) Discard();
    has_recycled_ = false;  // Reported already.
  }
}

std::optional<Batch> KafkaCommitter::NextBatch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  pulse_.Rest();
  changed_.wait(lock, stop, [&] { return exchange_.batch.has_value() || exchange_.must_recycle; });
  pulse_.Beat();
  if (exchange_.must_recycle || stop.stop_requested()) return std::nullopt;
  return std::exchange(exchange_.batch, std::nullopt);
}

bool KafkaCommitter::TakeRecycling() {
  const std::lock_guard lock(mutex_);
  return std::exchange(exchange_.must_recycle, false);
}

bool KafkaCommitter::PrepareProducer() {
  if (!producer_) {
    auto created = TransactionalProducer::Create(settings_, log_, numbers_);
    if (!created) {
      log_.Error("producer.refused", {{"detail", created.error().detail}});
      return false;
    }
    producer_ = *std::move(created);
  }
  const auto initialised = producer_->Initialise(Deadline::After(timing_.initialise));
  if (!initialised) {
    Warn(initialised.error());
    // The next call resumes one that timed out; any other failure needs a new client.
    if (initialised.error().remedy != common::Remedy::kRetry) Discard();
    return false;
  }
  // Not with the first batch: there may never be one while the restore waits for these offsets.
  const auto ended = producer_->EndForgottenOffsets(Deadline::After(timing_.transaction));
  if (!ended) {
    Warn(ended.error());
    Discard();
    return false;
  }
  gate_.offsets().Initialised();
  is_ready_ = true;
  return true;
}

void KafkaCommitter::Warn(const common::Error& error) const {
  log_.Warn(
      "producer.not_ready",
      {{"producer", settings_.transactional_id()}, {"code", error.code}, {"detail", error.detail}});
}

void KafkaCommitter::Discard() {
  retirement_.Retire(std::move(producer_));
  is_ready_ = false;
  has_recycled_ = true;
}

// The open transaction may contain offsets on which the batch is based. These partitions must be
// read again, each once it is clean, and so must those whose offsets were tried and stay pending:
// their restores wait, and say so. While no broker answers, nothing is known against the batch.
CommitReport KafkaCommitter::NotBegun(const PublishGate::Answer& gate, Batch batch,
                                      Deadline::Clock::duration elapsed) {
  using State = PublishGate::State;
  CommitReport report;
  report.outcome = gate.open.empty() ? CommitOutcome::kAborted : CommitOutcome::kUnknown;
  report.batch = std::move(batch);
  report.elapsed = elapsed;
  report.is_recycled = gate.state == State::kOffsetsPending;
  report.code = gate.state == State::kNobodyAnswers || gate.state == State::kUnavailable
                    ? common::kafka::code::kRetriable
                    : "not_clean";
  report.detail = gate.detail;
  report.unknown = gate.open;
  report.refusals = gate.refusals;
  return report;
}

CommitReport KafkaCommitter::Commit(Batch batch) {
  const auto asked_at = Deadline::Clock::now();
  if (gate_.offsets().must_be_tried() && !batch.offsets.empty()) {
    auto failed = TryOffsets(*producer_, batch, Deadline::After(timing_.transaction));
    if (failed) return ReportOf(*std::move(failed), std::move(batch), asked_at, asked_at);
    gate_.offsets().Tried(batch.offsets);
  }
  const PublishGate::Answer gate = gate_.Await(
      batch, Deadline::After(std::min(batch.patience.value_or(timing_.clean), timing_.clean)),
      [this] { pulse_.Beat(); });
  const auto begun_at = Deadline::Clock::now();
  if (gate.state != PublishGate::State::kClean)
    return NotBegun(gate, std::move(batch), begun_at - asked_at);
  TransactionEnd end = RunTransaction(*producer_, batch, Deadline::After(timing_.transaction));
  if (end.outcome != CommitOutcome::kCommitted) gate_.offsets().Aborted(batch.offsets);
  return ReportOf(std::move(end), std::move(batch), asked_at, begun_at);
}

CommitReport KafkaCommitter::ReportOf(TransactionEnd end, Batch batch,
                                      Deadline::Clock::time_point asked_at,
                                      Deadline::Clock::time_point begun_at) const {
  const auto now = Deadline::Clock::now();
  // The broker also fences the producer of a transaction that outlives its timeout.
  const bool is_in_time = now - begun_at < TransactionalProducer::TransactionTimeout(settings_);
  return {.outcome = end.outcome,
          .batch = std::move(batch),
          .elapsed = now - asked_at,
          .is_recycled = end.must_recycle,
          .is_fenced = is_in_time && end.code == common::kafka::code::kFenced,
          .code = end.code,
          .detail = std::move(end.detail),
          .refusals = std::move(end.refusals)};
}

}  // namespace consumer
