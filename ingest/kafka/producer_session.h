#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/base/result.h"
#include "common/domain/partition.h"
#include "common/kafka/client_log.h"
#include "common/kafka/handles.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/kafka/producer_settings.h"

namespace ingest {

/// A delivery report.
struct Delivery {
  CallbackNumber number = 0;
  bool is_stored = false;  ///< Acknowledged by all in-sync replicas.
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::optional<common::Partition> partition{};  ///< None: none was assigned; not if stored.
  std::size_t size = 0;                          ///< Key and value.
  std::size_t max_batch = 0;  ///< The session's. A batch beyond this size has only one record.
  std::chrono::microseconds since_produce{};
};

/// One librdkafka producer, used until its first fatal error or the end of the instance.
///
/// It has no thread for delivery reports. librdkafka writes to `event`, an eventfd, when some
/// arrive; the thread that watches the eventfd takes them.
///
/// Threads:  any.
/// Lifetime: `event` must outlive it. The destructor purges remaining records, without reports.
class ProducerSession {
 public:
  /// Called when the client becomes unusable. Must be quick and must not call the session.
  /// Threads: any, including librdkafka's.
  using OnFatal = std::function<void()>;

  /// Errors: kStop if librdkafka refuses the configuration.
  static common::Result<std::unique_ptr<ProducerSession>> Open(const ProducerSettings& settings,
                                                               const common::Logger& log,
                                                               const common::Fd& event,
                                                               OnFatal on_fatal);
  ~ProducerSession();
  ProducerSession(const ProducerSession&) = delete;
  ProducerSession& operator=(const ProducerSession&) = delete;

  /// Never blocks. If the record is taken, `number` comes back once, with its delivery report.
  [[nodiscard]] Offered Produce(CallbackNumber number, const common::Envelope& envelope);

  /// Returns the reports since the last call. Never blocks.
  [[nodiscard]] std::vector<Delivery> TakeReports();

  /// The number of records whose report has not been taken.
  [[nodiscard]] std::size_t outstanding() const;

  /// Why the client is unusable; nullopt if it works.
  [[nodiscard]] std::optional<std::string> FatalError() const;

  /// Why no broker answers, as far as the client has said; empty: unknown.
  [[nodiscard]] std::string WhyUnanswered() const { return client_log_.WhyUnanswered(); }

  /// For an error that came in answer to a request.
  void Note(rd_kafka_resp_err_t error) const { client_log_.Note(error); }

  /// Makes every waiting record report soon, as not stored, although some may be.
  void Purge();

  [[nodiscard]] std::size_t max_batch() const { return max_batch_; }

  /// For requests to the cluster.
  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }
  [[nodiscard]] rd_kafka_topic_t* topic() const { return topic_.get(); }

 private:
  ProducerSession(const ProducerSettings& settings, const common::Logger& log, OnFatal on_fatal);

  static void OnDeliveryReport(rd_kafka_t* client, const rd_kafka_message_t* message,
                               void* opaque) noexcept;

  const OnFatal on_fatal_;
  const std::size_t max_batch_;
  const std::string instance_;
  common::kafka::ClientLog client_log_;
  std::mutex poll_mutex_;
  std::vector<Delivery> reports_;  ///< Found by the current poll.
  common::kafka::Handle client_;
  common::kafka::Queue report_queue_;
  common::kafka::Topic topic_;
};

}  // namespace ingest
