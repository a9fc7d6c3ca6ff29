#include "ingest/kafka/callback_producer.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "common/domain/key_partition.h"
#include "common/domain/partition.h"
#include "ingest/kafka/delivery_fault.h"
#include "ingest/kafka/kafka_events.h"
#include "ingest/kafka/topic_leaders.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kProbeEvery{1'000};
constexpr milliseconds kProbeTimeout{1'000};
constexpr milliseconds kPurgeTimeout{1'000};
/// For the acks of a working session that is replaced.
constexpr milliseconds kHandOverTimeout{4'000};
constexpr milliseconds kFlushPause{2};

/// The report of a callback that was held and then not taken.
StorageReport NotTaken(CallbackNumber number, Offered offered) {
  if (offered == Offered::kRefused) {
    return {
        .number = number, .outcome = StorageOutcome::kRefused, .reason = "refused by the client"};
  }
  return {.number = number,
          .outcome = StorageOutcome::kUnavailable,
          .reason = offered == Offered::kFull ? "queue_full" : "away"};
}

}  // namespace

CallbackProducer::CallbackProducer(ProducerSettings settings, TopicCheck check,
                                   const common::Logger& log, KafkaEvents& events)
    : settings_(std::move(settings)),
      log_(log),
      events_(events),
      report_event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      availability_({.report = AvailabilityReport(events)}),
      topics_(std::move(check), events) {
  settings_.max_batch = ConfiguredBatchSize(settings_.operator_properties);
  batch_limit_.With([&](BatchLimit& limit) { limit = BatchLimit(settings_.max_batch); });
  if (settings_.batch.max_delay.with_many > milliseconds(0)) {
    batcher_.emplace(settings_.batch, [this](const Burst& burst) { return HandOver(burst); });
  }
}

CallbackProducer::~CallbackProducer() { (void)Close(common::Deadline::After(seconds(0))); }

common::Result<void> CallbackProducer::Start(StorageListener& listener) {
  common::Result<std::unique_ptr<ProducerSession>> session = OpenSession();
  if (!session) return session.error();
  {
    const std::unique_lock lock(session_mutex_);
    listener_ = &listener;
    session_ = *std::move(session);
  }
  availability_.With(
      [](Availability& availability) { availability.watched_at = SteadyClock::now(); });
  {
    const std::lock_guard lock(wake_mutex_);
    has_watcher_ = true;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { WatchUntil(stop); });
  return {};
}

common::Result<std::unique_ptr<ProducerSession>> CallbackProducer::OpenSession() {
  if (!report_event_) {
    return common::Error{common::Remedy::kStop, "no_descriptor", "the kernel refuses an eventfd"};
  }
  return ProducerSession::Open(settings_, log_, report_event_, [this] {
    {
      const std::lock_guard lock(wake_mutex_);
      is_fatal_ = true;
    }
    woken_.notify_all();
  });
}

Offered CallbackProducer::Offer(CallbackNumber number, common::Envelope envelope) {
  if (!takes_offers_.load(std::memory_order_relaxed)) return Offered::kAway;
  if (!batcher_) return ProduceUnlessClosed(number, envelope);
  const bool is_taken = batcher_->Offer(number, std::move(envelope), std::max(1, partitions()));
  return is_taken ? Offered::kTaken : Offered::kAway;
}

Offered CallbackProducer::OfferAtOnce(CallbackNumber number, const common::Envelope& envelope) {
  if (!takes_offers_.load(std::memory_order_relaxed)) return Offered::kAway;
  if (batcher_) batcher_->Sent(1);  // Its report may come before the end of the next line.
  const Offered offered = ProduceUnlessClosed(number, envelope);
  if (batcher_ && offered != Offered::kTaken) batcher_->Settled(1);
  return offered;
}

Offered CallbackProducer::ProduceUnlessClosed(CallbackNumber number,
                                              const common::Envelope& envelope) {
  const std::shared_lock lock(session_mutex_);
  if (is_closed_ || !session_) return Offered::kAway;
  return session_->Produce(number, envelope);
}

/// Returns the number of records that librdkafka did not take. Without memory to report them, their
/// deadline answers them.
std::size_t CallbackProducer::HandOver(const Burst& burst) noexcept {
  const auto now = SteadyClock::now();
  std::size_t not_taken = burst.size();
  try {
    std::vector<StorageReport> failed;
    bool is_full = false;  // Then a smaller record of the same key must not overtake.
    for (const HeldRecord& record : burst) {
      const std::shared_lock lock(session_mutex_);
      const Offered offered =
          is_full ? Offered::kFull : session_->Produce(record.number, record.envelope);
      is_full = offered == Offered::kFull;
      if (offered == Offered::kTaken) {
        --not_taken;
        continue;
      }
      failed.push_back(NotTaken(record.number, offered));
    }
    if (!failed.empty()) listener_->OnReports(failed);
    NoteBurst(burst, now);
  } catch (const std::bad_alloc&) {
  }
  return not_taken;
}

void CallbackProducer::NoteBurst(const Burst& burst, SteadyClock::time_point now) {
  if (burst.size() == 1) {  // As most are in a closed loop.
    events_.Held(now - burst.front().since);
    events_.BatchSent(1);
    events_.BurstSent(1);
    return;
  }
  const int count = std::max(1, partitions());
  std::vector<std::size_t> partitions(static_cast<std::size_t>(count));
  for (const HeldRecord& record : burst) {
    events_.Held(now - record.since);
    const std::string& key = record.envelope.key;
    ++partitions[key.empty() ? 0 : common::PartitionOf(key, count).index()];
  }
  for (const std::size_t records : partitions) {
    if (records > 0) events_.BatchSent(records);
  }
  events_.BurstSent(burst.size());
}

void CallbackProducer::PollReports() {
  std::vector<Delivery> deliveries;
  {
    const std::shared_lock lock(session_mutex_);
    if (session_ && takes_reports_) deliveries = session_->TakeReports();
  }
  Tell(deliveries);
}

void CallbackProducer::Tell(const std::vector<Delivery>& deliveries) {
  if (deliveries.empty()) return;
  if (batcher_) batcher_->Settled(deliveries.size());
  std::vector<StorageReport> reports;
  reports.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) {
    reports.push_back(ReportOf(delivery));
    if (delivery.is_stored) {
      events_.Acknowledged(delivery.since_produce);
    } else if (FaultOf(delivery.error) == DeliveryFault::kRecord) {
      refused_records_.Count(delivery.error);
    }
  }
  listener_->OnReports(reports);
  NoteDeliveries(deliveries);
}

void CallbackProducer::NoteDeliveries(const std::vector<Delivery>& deliveries) {
  const auto now = SteadyClock::now();
  health_.With([&](KafkaHealth& health) {
    for (const Delivery& delivery : deliveries) {
      if (delivery.is_stored) {
        health.Delivered(now, *delivery.partition);
        continue;
      }
      const DeliveryFault fault = FaultOf(delivery.error);
      if (fault == DeliveryFault::kRecord || fault == DeliveryFault::kPurge) continue;
      const bool is_of_partition = fault == DeliveryFault::kPartition;
      health.DeliveryFailed(now, is_of_partition ? delivery.partition : std::nullopt,
                            std::string("deliveries fail: ") + rd_kafka_err2name(delivery.error));
    }
  });
}

StorageReport CallbackProducer::ReportOf(const Delivery& delivery) {
  StorageReport report{.number = delivery.number, .outcome = StorageOutcome::kStored};
  if (delivery.is_stored) return report;
  report.reason = rd_kafka_err2name(delivery.error);
  report.outcome = FaultOf(delivery.error) == DeliveryFault::kRecord ? StorageOutcome::kRefused
                                                                     : StorageOutcome::kUnavailable;
  report.is_of_batch = true;
  if (delivery.error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    const bool was_alone = batch_limit_.With(
        [&](BatchLimit& limit) { return limit.Refused(delivery.size, delivery.max_batch); });
    if (was_alone) {
      report.is_of_batch = false;
    } else {
      report.outcome = StorageOutcome::kUnavailable;
    }
  }
  return report;
}

CallbackProducer::FirstContact CallbackProducer::AwaitFirstContact(common::Deadline deadline,
                                                                   const std::stop_token& stop) {
  std::unique_lock lock(wake_mutex_);
  woken_.wait_until(lock, stop, deadline.at(), [&] { return first_contact_.has_value(); });
  return first_contact_.value_or(FirstContact::kNone);
}

std::optional<std::string> CallbackProducer::WhyAway() const {
  return health_.With([](const KafkaHealth& health) { return health.WhyAway(SteadyClock::now()); });
}

CallbackProducer::Closed CallbackProducer::Close(common::Deadline deadline) {
  if (is_closed_.exchange(true)) return {};
  takes_offers_ = false;
  thread_.request_stop();
  if (batcher_) batcher_->Close();
  { const std::unique_lock offers_end(session_mutex_); }
  const std::size_t unsent = FlushCurrent(deadline);
  {
    const std::unique_lock lock(session_mutex_);
    takes_reports_ = false;
  }
  return {.unsent = unsent, .has_ended = AwaitWatcher(deadline)};
}

bool CallbackProducer::AwaitWatcher(common::Deadline deadline) {
  std::unique_lock lock(wake_mutex_);
  return woken_.wait_until(lock, deadline.at(), [this] { return !has_watcher_; });
}

/// Waits until every record has its report, at most until the deadline. Returns the number of
/// records without one. Tells nothing more after the stop: Close() does not wait for this thread.
std::size_t CallbackProducer::Flush(ProducerSession& session, common::Deadline deadline,
                                    const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Tell(session.TakeReports());
    if (session.outstanding() == 0 || deadline.HasPassed()) break;
    std::this_thread::sleep_for(kFlushPause);
  }
  return session.outstanding();
}

/// The same for the current session. The watcher may still be busy with it.
std::size_t CallbackProducer::FlushCurrent(common::Deadline deadline) {
  while (true) {
    PollReports();
    std::size_t outstanding = 0;
    {
      const std::shared_lock lock(session_mutex_);
      if (session_) outstanding = session_->outstanding();
    }
    if (outstanding == 0 || deadline.HasPassed()) return outstanding;
    std::this_thread::sleep_for(kFlushPause);
  }
}

void CallbackProducer::WatchUntil(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ReplaceIfFatal(stop);
    ReplaceIfBatchesAreTooLarge(stop);
    Probe(stop);
    PublishWatched();
    refused_records_.Report(events_, {settings_.topic, settings_.max_body_name},
                            SteadyClock::now());
    std::unique_lock lock(wake_mutex_);
    // Each refused record tells of the fatal error again.
    woken_.wait_for(lock, stop, kProbeEvery, [&] { return is_fatal_ && !is_unusable_; });
  }
  {
    const std::lock_guard lock(wake_mutex_);
    has_watcher_ = false;
  }
  woken_.notify_all();
}

void CallbackProducer::ReplaceIfFatal(const std::stop_token& stop) {
  {
    const std::lock_guard lock(wake_mutex_);
    is_fatal_ = false;
  }
  const std::optional<std::string> why = session_->FatalError();
  if (!why || stop.stop_requested()) return;
  const std::unique_ptr<ProducerSession> replaced = ReplaceSession();
  is_unusable_ = replaced == nullptr;
  if (is_unusable_) {
    health_.With([&](KafkaHealth& health) {
      health.ClientUnusable("the client cannot be replaced after a fatal error: " + *why);
    });
    return;
  }
  events_.ProducerRestarted(*why);
  // The purge's reports, or their deadline, answer the callbacks in flight.
  End(*replaced, stop);
}

/// Records without a report by now never get one.
void CallbackProducer::End(ProducerSession& replaced, const std::stop_token& stop) {
  replaced.Purge();
  const std::size_t left = Flush(replaced, common::Deadline::After(kPurgeTimeout), stop);
  if (batcher_) batcher_->Settled(left);
}

/// librdkafka fixes the batch size when a client is created.
void CallbackProducer::ReplaceIfBatchesAreTooLarge(const std::stop_token& stop) {
  settings_.max_batch = batch_limit_.With([](const BatchLimit& limit) { return limit.bytes(); });
  if (is_unusable_ || settings_.max_batch == session_->max_batch()) return;
  if (stop.stop_requested()) return;
  topics_.Require();  // They may now reveal their exact limit.
  const std::unique_ptr<ProducerSession> replaced = ReplaceSession();
  if (!replaced) return;
  events_.BatchesLimited(settings_.max_batch);
  if (Flush(*replaced, common::Deadline::After(kHandOverTimeout), stop) == 0) return;
  End(*replaced, stop);
}

/// Returns the previous session; null if librdkafka cannot create a new one.
std::unique_ptr<ProducerSession> CallbackProducer::ReplaceSession() {
  common::Result<std::unique_ptr<ProducerSession>> fresh = OpenSession();
  if (!fresh) {
    events_.ProducerNotRebuilt(fresh.error().detail);
    return nullptr;
  }
  health_.With([](KafkaHealth& health) { health.ClientReplaced(); });
  const std::unique_lock lock(session_mutex_);
  session_.swap(*fresh);
  return *std::move(fresh);
}

void CallbackProducer::Probe(const std::stop_token& stop) {
  // Needs no lock: only this thread replaces the session.
  const common::Result<TopicLeaders> leaders = FindLeaders(*session_, kProbeTimeout);
  const auto asked_at = SteadyClock::now();
  health_.With([&](KafkaHealth& health) {
    if (leaders) {
      health.ProbeAnswered(asked_at, leaders->partitions, leaders->without);
    } else {
      health.ProbeFailed(asked_at, leaders.error().detail);
    }
  });
  if (!leaders) return;
  // A broker that does not know new partitions yet must not remove them here.
  partitions_ = std::max(partitions_.load(), static_cast<int>(leaders->partitions));
  if (leaders->has_error) topics_.Require();
  if (topics_.IsDue(asked_at) && !stop.stop_requested()) CheckTopics();
}

void CallbackProducer::CheckTopics() {
  const common::Result<TopicChecks::TopicVerdict> verdict = topics_.Check(*session_);
  if (!verdict) {
    if (topics_.has_answer()) return;
    health_.With([&](KafkaHealth& health) {
      health.ProbeFailed(SteadyClock::now(), verdict.error().detail);
    });
    return;
  }
  batch_limit_.With([&](BatchLimit& limit) { limit.SetTopicLimit(verdict->max_message_bytes); });
  if (verdict->is_settled) {
    health_.With([&](KafkaHealth& health) { health.TopicsChecked(verdict->refused); });
    const std::lock_guard lock(wake_mutex_);
    if (!first_contact_) {
      first_contact_ = verdict->refused ? FirstContact::kRefused : FirstContact::kAccepted;
    }
  }
  PublishWatched();
  woken_.notify_all();
}

void CallbackProducer::PublishWatched() {
  availability_.With([&](Availability& availability) {
    const auto now = SteadyClock::now();
    availability.watched_at = now;
    Publish(availability, now);
  });
}

void CallbackProducer::PassTime(SteadyClock::time_point now) {
  availability_.With([&](Availability& availability) {
    if (now < availability.watched_at + KafkaHealth::kProbeCounts) return;
    if (now >= availability.published_at + kProbeEvery) Publish(availability, now);
  });
}

void CallbackProducer::Publish(Availability& availability, SteadyClock::time_point now) {
  availability.published_at = now;
  std::optional<std::string> why_away;
  std::optional<AvailabilityReport::Failing> failing;
  health_.With([&](const KafkaHealth& health) {
    why_away = health.WhyAway(now);
    takes_offers_ = !is_closed_ && health.IsWorthTrying(now);
    if (health.KnowsPartitions(now)) failing = health.FailingPartitions(now);
  });
  availability.report.Report(why_away, failing);
}

}  // namespace ingest
