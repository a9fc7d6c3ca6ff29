#include "ingest/kafka/callback_producer.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

#include "common/kafka/topic_check.h"
#include "ingest/kafka/kafka_events.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kProbeEvery{1'000};
constexpr milliseconds kProbeTimeout{1'000};
constexpr seconds kCheckEvery{60};
constexpr milliseconds kCheckTimeout{1'200};
constexpr milliseconds kPurgeTimeout{1'000};
/// For the acks of a working session that is replaced.
constexpr milliseconds kHandOverTimeout{4'000};
constexpr seconds kRefusalsEvery{60};
constexpr milliseconds kFlushPause{2};

bool IsOfPurge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/// The broker accepts records, but not this one.
bool IsOfRecord(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD || error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

/// The cause may be one partition: its leader, its replicas or its broker.
bool MayBeOfPartition(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
      return true;
    default:
      return false;
  }
}

}  // namespace

CallbackProducer::CallbackProducer(ProducerSettings settings, TopicCheck check,
                                   const common::Logger& log, KafkaEvents& events)
    : settings_(std::move(settings)),
      check_(std::move(check)),
      log_(log),
      events_(events),
      report_event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  settings_.max_batch = ConfiguredBatchSize(settings_.operator_properties);
  batch_limit_.With([&](BatchLimit& limit) { limit = BatchLimit(settings_.max_batch); });
}

CallbackProducer::~CallbackProducer() { Close(common::Deadline::After(seconds(0))); }

common::Result<void> CallbackProducer::Start(StorageListener& listener) {
  listener_ = &listener;
  common::Result<std::unique_ptr<ProducerSession>> session = OpenSession();
  if (!session) return session.error();
  session_ = *std::move(session);
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
  const std::shared_lock lock(session_mutex_);
  if (is_closed_ || !session_) return Offered::kAway;
  return session_->Produce(number, envelope);
}

void CallbackProducer::PollReports() {
  std::vector<Delivery> deliveries;
  {
    const std::shared_lock lock(session_mutex_);
    if (session_) deliveries = session_->TakeReports();
  }
  Tell(deliveries);
}

void CallbackProducer::Tell(const std::vector<Delivery>& deliveries) {
  if (deliveries.empty()) return;
  std::vector<StorageReport> reports;
  reports.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) {
    reports.push_back(ReportOf(delivery));
    if (delivery.is_stored) {
      events_.Acknowledged(delivery.since_produce);
    } else if (IsOfRecord(delivery.error)) {
      refused_records_.With([&](RefusedRecords& refused) {
        ++refused.count;
        refused.error = delivery.error;
      });
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
        health.Delivered(now, delivery.partition);
      } else if (!IsOfRecord(delivery.error) && !IsOfPurge(delivery.error)) {  // We purge.
        const bool is_of_partition = delivery.partition >= 0 && MayBeOfPartition(delivery.error);
        health.DeliveryFailed(now,
                              is_of_partition ? std::optional(delivery.partition) : std::nullopt,
                              std::string("deliveries fail: ") + rd_kafka_err2name(delivery.error));
      }
    }
  });
}

StorageReport CallbackProducer::ReportOf(const Delivery& delivery) {
  StorageReport report{.number = delivery.number, .outcome = StorageOutcome::kStored};
  if (delivery.is_stored) return report;
  report.reason = rd_kafka_err2name(delivery.error);
  report.outcome =
      IsOfRecord(delivery.error) ? StorageOutcome::kRefused : StorageOutcome::kUnavailable;
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

std::size_t CallbackProducer::Close(common::Deadline deadline) {
  if (is_closed_.exchange(true)) return 0;
  takes_offers_ = false;
  thread_ = {};  // Nothing replaces the session from here on.
  if (!session_) return 0;
  { const std::unique_lock offers_end(session_mutex_); }
  const std::size_t unsent = Flush(*session_, deadline);
  const std::unique_lock lock(session_mutex_);
  session_.reset();
  return unsent;
}

/// Waits until every record has its report, at most until the deadline. Returns the number of
/// records without one.
std::size_t CallbackProducer::Flush(ProducerSession& session, common::Deadline deadline) {
  while (true) {
    Tell(session.TakeReports());
    const std::size_t outstanding = session.outstanding();
    if (outstanding == 0 || deadline.HasPassed()) return outstanding;
    std::this_thread::sleep_for(kFlushPause);
  }
}

void CallbackProducer::WatchUntil(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ReplaceIfFatal();
    ReplaceIfBatchesAreTooLarge();
    Probe();
    Publish();
    ReportRefusedRecords();
    std::unique_lock lock(wake_mutex_);
    woken_.wait_for(lock, stop, kProbeEvery, [&] { return is_fatal_; });
  }
}

void CallbackProducer::ReplaceIfFatal() {
  {
    const std::lock_guard lock(wake_mutex_);
    is_fatal_ = false;
  }
  const std::optional<std::string> why = session_->FatalError();
  if (!why) return;
  const std::unique_ptr<ProducerSession> replaced = ReplaceSession();
  if (!replaced) return;
  events_.ProducerRestarted(*why);
  // The purge's reports, or their deadline, answer the callbacks in flight.
  replaced->Purge();
  Flush(*replaced, common::Deadline::After(kPurgeTimeout));
}

/// librdkafka fixes the batch size when a client is created.
void CallbackProducer::ReplaceIfBatchesAreTooLarge() {
  settings_.max_batch = batch_limit_.With([](const BatchLimit& limit) { return limit.bytes(); });
  if (settings_.max_batch == session_->max_batch()) return;
  must_check_ = true;  // The topic may now reveal its exact limit.
  const std::unique_ptr<ProducerSession> replaced = ReplaceSession();
  if (!replaced) return;
  events_.BatchesLimited(settings_.max_batch);
  if (Flush(*replaced, common::Deadline::After(kHandOverTimeout)) == 0) return;
  replaced->Purge();
  Flush(*replaced, common::Deadline::After(kPurgeTimeout));
}

/// Returns the previous session; null if librdkafka cannot create a new one.
std::unique_ptr<ProducerSession> CallbackProducer::ReplaceSession() {
  common::Result<std::unique_ptr<ProducerSession>> fresh = OpenSession();
  if (!fresh) {
    events_.ProducerNotRebuilt(fresh.error().detail);
    return nullptr;
  }
  const std::unique_lock lock(session_mutex_);
  session_.swap(*fresh);
  return *std::move(fresh);
}

void CallbackProducer::ReportRefusedRecords() {
  const auto now = SteadyClock::now();
  const auto [count, error] = refused_records_.With([&](RefusedRecords& refused) {
    const bool is_known = refused.error == reported_refusal_ && now < next_refusal_report_;
    return is_known ? RefusedRecords{} : std::exchange(refused, RefusedRecords{});
  });
  if (count == 0) return;
  reported_refusal_ = error;
  next_refusal_report_ = now + kRefusalsEvery;
  std::string why = rd_kafka_err2str(error);
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    why += ": raise max.message.bytes of " + settings_.topic + " above max_body";
  }
  events_.RecordsRefused(count, why);
}

void CallbackProducer::Probe() {
  // Needs no lock: only this thread replaces the session.
  Leaders leaders;
  const std::optional<std::string> silence = AskForTopic(*session_, leaders);
  const auto asked_at = SteadyClock::now();
  health_.With([&](KafkaHealth& health) {
    if (silence) {
      health.ProbeFailed(asked_at, *silence);
    } else {
      health.ProbeAnswered(asked_at, leaders.partitions, std::move(leaders.without));
    }
  });
  if (!silence && (must_check_ || asked_at >= next_check_)) CheckTopic(*session_);
}

std::optional<std::string> CallbackProducer::AskForTopic(ProducerSession& session,
                                                         Leaders& leaders) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(
      session.client(), 0, session.topic(), &metadata, static_cast<int>(kProbeTimeout.count()));
  const common::kafka::Metadata owned(metadata);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
      if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) must_check_ = true;
      leaders.partitions = static_cast<std::size_t>(topic.partition_cnt);
      for (int p = 0; p < topic.partition_cnt; ++p) {
        if (topic.partitions[p].leader < 0) leaders.without.insert(topic.partitions[p].id);
      }
      // A broker that does not know new partitions yet must not remove them here.
      partitions_ = std::max(partitions_.load(), topic.partition_cnt);
    }
    return std::nullopt;
  }
  return std::string("no broker answers: ") + rd_kafka_err2name(error);
}

void CallbackProducer::CheckTopic(ProducerSession& session) {
  const auto report = check_(session.client(), common::Deadline::After(kCheckTimeout));
  if (!report) {
    // The last findings remain valid; the next probe checks again.
    if (next_check_ != SteadyClock::time_point()) return;
    health_.With([&](KafkaHealth& health) {
      health.ProbeFailed(SteadyClock::now(), report.error().detail);
    });
    return;
  }
  batch_limit_.With([&](BatchLimit& limit) { limit.SetTopicLimit(report->max_message_bytes); });
  std::optional<std::string> refused;
  std::set<std::string> found;
  for (const common::kafka::TopicFinding& finding : report->findings) {
    const bool is_refused = common::kafka::IsRefused(finding.fault);
    if (is_refused && !refused) refused = finding.text;
    found.insert(finding.text);
    if (!reported_.contains(finding.text)) {
      events_.TopicFinding(is_refused, finding.topic, finding.text);
    }
  }
  // Each probe repeats a refused check, so mending the topic is enough. A single refusal proves
  // little: not every broker knows a new topic yet. So one refusal does not stop a working
  // producer.
  const bool is_settled = !refused || was_refused_;
  was_refused_ = refused.has_value();
  must_check_ = refused.has_value();
  next_check_ = SteadyClock::now() + kCheckEvery;
  reported_ = std::move(found);
  if (is_settled) {
    health_.With([&](KafkaHealth& health) { health.TopicsChecked(refused); });
  }
  {
    const std::lock_guard lock(wake_mutex_);
    if (!first_contact_ && is_settled) {
      first_contact_ = refused ? FirstContact::kRefused : FirstContact::kAccepted;
    }
  }
  Publish();
  woken_.notify_all();
}

void CallbackProducer::Publish() {
  const auto now = SteadyClock::now();
  std::optional<std::string> why_away;
  std::map<std::int32_t, std::string> failing;
  health_.With([&](const KafkaHealth& health) {
    why_away = health.WhyAway(now);
    takes_offers_ = !is_closed_ && health.IsWorthTrying(now);
    failing = health.FailingPartitions(now);
  });
  PublishPartitions(failing);
  if (was_taking_ == !why_away.has_value()) return;
  was_taking_ = !why_away.has_value();
  if (why_away) {
    events_.KafkaIsAway(*why_away);
  } else {
    events_.KafkaIsAccepting();
  }
}

void CallbackProducer::PublishPartitions(const std::map<std::int32_t, std::string>& failing) {
  events_.PartitionsFailing(failing.size());
  for (const auto& [partition, why] : failing) {
    if (failing_.insert(partition).second) events_.PartitionFails(partition, why);
  }
  std::erase_if(failing_, [&](std::int32_t partition) {
    if (failing.contains(partition)) return false;
    events_.PartitionWorks(partition);
    return true;
  });
}

}  // namespace ingest
