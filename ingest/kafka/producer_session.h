#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/base/result.h"
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
  std::int32_t partition = -1;  ///< -1: it had none yet.
  std::size_t size = 0;         ///< Of key and value.
  std::size_t max_batch = 0;    ///< Of the session: no second record was added beyond it.
  std::chrono::microseconds since_produce{};
};

/// One librdkafka producer. It lives until its first fatal error or the end of the instance.
///
/// It has no thread for delivery reports: `event`, an eventfd, is written to when some have come,
/// and whoever watches it takes them.
///
/// Threads:  any.
/// Lifetime: `event` must outlive it. The destructor purges what is left, without reports.
class ProducerSession {
 public:
  /// The client is unusable from now on. Must be quick and not call into the session.
  /// Threads: any, one of librdkafka's included.
  using OnFatal = std::function<void()>;

  /// Errors: kStop if librdkafka refuses the configuration.
  static common::Result<std::unique_ptr<ProducerSession>> Open(const ProducerSettings& settings,
                                                               const common::Logger& log,
                                                               const common::Fd& event,
                                                               OnFatal on_fatal);
  ~ProducerSession();
  ProducerSession(const ProducerSession&) = delete;
  ProducerSession& operator=(const ProducerSession&) = delete;

  /// Never blocks. `number` comes back with the delivery report, once, if the record is taken.
  [[nodiscard]] Offered Produce(CallbackNumber number, const common::Envelope& envelope);

  /// The reports that have come since the last call. Never blocks.
  [[nodiscard]] std::vector<Delivery> TakeReports();

  /// Records whose report has not been taken.
  [[nodiscard]] std::size_t outstanding() const;

  /// Why the client is unusable; nullopt: it is not.
  [[nodiscard]] std::optional<std::string> FatalError() const;

  /// Every waiting record gets its report soon: not stored, though some may be.
  void Purge();

  [[nodiscard]] std::size_t max_batch() const { return max_batch_; }

  /// For requests about the cluster.
  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }
  [[nodiscard]] rd_kafka_topic_t* topic() const { return topic_.get(); }

 private:
  ProducerSession(const common::Logger& log, OnFatal on_fatal, std::size_t max_batch);

  static void OnDeliveryReport(rd_kafka_t* client, const rd_kafka_message_t* message,
                               void* opaque) noexcept;

  const OnFatal on_fatal_;
  const std::size_t max_batch_;
  common::kafka::ClientLog client_log_;
  std::mutex poll_mutex_;
  std::vector<Delivery> reports_;  ///< What the poll that is under way has found.
  common::kafka::Handle client_;
  common::kafka::Queue report_queue_;
  common::kafka::Topic topic_;
};

}  // namespace ingest
