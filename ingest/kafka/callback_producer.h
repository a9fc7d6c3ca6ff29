#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/kafka/availability_report.h"
#include "ingest/kafka/batch_limit.h"
#include "ingest/kafka/batcher.h"
#include "ingest/kafka/callbacks_topic.h"
#include "ingest/kafka/kafka_health.h"
#include "ingest/kafka/producer_session.h"
#include "ingest/kafka/producer_settings.h"
#include "ingest/kafka/refused_records_report.h"
#include "ingest/kafka/topic_checks.h"

namespace ingest {

class KafkaEvents;

/// Kafka as a sink: stored means acknowledged by all in-sync replicas.
///
/// Delivery reports wait until report_event() wakes a thread that takes them: the worker that
/// writes the answers. A thread in between would cost a context switch for each batch.
///
/// One thread watches the session: it probes the cluster each second, checks the topics at first
/// contact and once a minute, and replaces an unusable session.
///
/// KafkaHealth judges Kafka. After 5 s without an ack or an answer, offers are refused.
///
/// Threads:  any.
/// Lifetime: begins no call of the listener after Close() has returned.
class CallbackProducer final : public CallbackSink {
 public:
  CallbackProducer(ProducerSettings settings, TopicCheck check, const common::Logger& log,
                   KafkaEvents& events);
  ~CallbackProducer() override;
  CallbackProducer(const CallbackProducer&) = delete;
  CallbackProducer& operator=(const CallbackProducer&) = delete;

  /// Does not wait for a broker. Call once; offers and polls before it, or at the same time, are
  /// harmless.
  /// Errors: kStop if librdkafka refuses the configuration.
  common::Result<void> Start(StorageListener& listener);

  [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope envelope) override;

  /// The same producer, for callbacks that are not held: no sender waits for them, and they come in
  /// bursts by themselves.
  [[nodiscard]] CallbackSink& unheld() { return unheld_; }

  /// The topic's partitions, the most that a probe has seen; 0 before the first answer.
  [[nodiscard]] int partitions() const { return partitions_.load(std::memory_order_relaxed); }

  /// An eventfd that is written when reports arrive. Nobody has to read it.
  [[nodiscard]] const common::Fd& report_event() const { return report_event_; }

  /// Passes new reports to the listener, on this thread. Never blocks.
  void PollReports();

  /// The result of the first contact with the cluster.
  enum class FirstContact {
    kNone,      ///< No broker has answered; the watcher keeps trying.
    kAccepted,  ///< The topics are right.
    kRefused,   ///< The topics would break a promise; checked twice.
  };
  /// Waits for the first check of the topics, at most until the deadline or the stop.
  FirstContact AwaitFirstContact(common::Deadline deadline, const std::stop_token& stop);

  /// nullopt if Kafka accepts records, otherwise the reason.
  [[nodiscard]] std::optional<std::string> WhyAway() const;

  /// Reports the availability that the watcher has not: it may hang. Call now and then.
  void PassTime(std::chrono::steady_clock::time_point now);

  struct Closed {
    std::size_t unsent = 0;  ///< Records without a report.
    bool has_ended = true;   ///< False: the watcher still waits for a call of librdkafka.
  };
  /// Refuses later offers, and waits for the reports of accepted records and for the watcher, at
  /// most until the deadline. The destructor waits for as long as librdkafka takes to end the
  /// client, which may be longer (a name server that does not answer).
  Closed Close(common::Deadline deadline);

 private:
  class Unheld final : public CallbackSink {
   public:
    explicit Unheld(CallbackProducer& producer) : producer_(producer) {}
    [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope envelope) override {
      return producer_.OfferAtOnce(number, envelope);
    }

   private:
    CallbackProducer& producer_;
  };

  common::Result<std::unique_ptr<ProducerSession>> OpenSession();
  [[nodiscard]] StorageReport ReportOf(const Delivery& delivery);
  [[nodiscard]] std::unique_ptr<ProducerSession> ReplaceSession();
  [[nodiscard]] Offered OfferAtOnce(CallbackNumber number, const common::Envelope& envelope);
  [[nodiscard]] Offered ProduceUnlessClosed(CallbackNumber number,
                                            const common::Envelope& envelope);
  std::size_t HandOver(const Burst& burst) noexcept;
  [[nodiscard]] bool AwaitWatcher(common::Deadline deadline);
  void NoteBurst(const Burst& burst, std::chrono::steady_clock::time_point now);
  void Tell(const std::vector<Delivery>& deliveries);
  void NoteDeliveries(const std::vector<Delivery>& deliveries);
  void End(ProducerSession& replaced, const std::stop_token& stop);
  std::size_t Flush(ProducerSession& session, common::Deadline deadline,
                    const std::stop_token& stop);
  [[nodiscard]] std::size_t FlushCurrent(common::Deadline deadline);

  void WatchUntil(const std::stop_token& stop);
  void ReplaceIfFatal(const std::stop_token& stop);
  void ReplaceIfBatchesAreTooLarge(const std::stop_token& stop);
  void Probe(const std::stop_token& stop);
  void CheckTopics();

  /// Behind a lock, so that the last judgement is reported last.
  struct Availability {
    AvailabilityReport report;
    std::chrono::steady_clock::time_point watched_at{};    ///< By the watcher.
    std::chrono::steady_clock::time_point published_at{};  ///< By any thread.
  };
  void PublishWatched();
  void Publish(Availability& availability, std::chrono::steady_clock::time_point now);

  ProducerSettings settings_;  ///< After Start(), the watcher's.
  const common::Logger& log_;
  KafkaEvents& events_;
  Unheld unheld_{*this};
  StorageListener* listener_ = nullptr;  ///< Set with the session.
  const common::Fd report_event_;

  common::Guarded<KafkaHealth> health_;
  common::Guarded<BatchLimit> batch_limit_;
  common::Guarded<Availability> availability_;
  std::atomic<int> partitions_ = 0;
  std::atomic<bool> takes_offers_ = false;  ///< KafkaHealth::IsWorthTrying(), for offers to read.
  std::atomic<bool> is_closed_ = false;

  RefusedRecordsReport refused_records_;

  // The watcher's members.
  bool is_unusable_ = false;  ///< The session has a fatal error and could not be replaced.
  TopicChecks topics_;

  std::mutex wake_mutex_;
  std::condition_variable_any woken_;
  bool is_fatal_ = false;  ///< The session may have a fatal error.
  std::optional<FirstContact> first_contact_;
  bool has_watcher_ = false;

  std::shared_mutex session_mutex_;  ///< Held shared while the session is used.
  std::unique_ptr<ProducerSession> session_;
  bool takes_reports_ = true;       ///< Until Close() is done.
  std::optional<Batcher> batcher_;  ///< If callbacks are held.
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ingest
