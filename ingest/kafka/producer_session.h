#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/deadline.h"
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
  std::chrono::microseconds since_produce{};
};

/// Hears what one session has to say. Threads: the session's delivery thread, or one of
/// librdkafka's.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void OnDeliveries(std::span<const Delivery> deliveries) = 0;
  /// The client is unusable from now on. Must be quick and not call into the session.
  virtual void OnFatal() = 0;
};

/// One librdkafka producer and the thread that polls its delivery reports. It lives until its first
/// fatal error or the end of the instance.
///
/// Threads:  any.
/// Lifetime: the listener must outlive it. The destructor purges what is left, without reports.
class ProducerSession {
 public:
  /// Errors: kStop if librdkafka refuses the configuration.
  static common::Result<std::unique_ptr<ProducerSession>> Open(const ProducerSettings& settings,
                                                               const common::Logger& log,
                                                               SessionListener& listener);
  ~ProducerSession();
  ProducerSession(const ProducerSession&) = delete;
  ProducerSession& operator=(const ProducerSession&) = delete;

  /// Never blocks. `number` comes back with the delivery report, once, if the record is taken.
  [[nodiscard]] Offered Produce(CallbackNumber number, const common::Envelope& envelope);

  /// Why the client is unusable; nullopt: it is not.
  [[nodiscard]] std::optional<std::string> FatalError() const;

  /// Waits until every record has its report, at the latest until the deadline; the number of those
  /// that have none.
  std::size_t Flush(common::Deadline deadline);

  /// Gives every waiting record its report now: not stored, though some may be.
  void Purge(common::Deadline deadline);

  /// For requests about the cluster.
  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }
  [[nodiscard]] rd_kafka_topic_t* topic() const { return topic_.get(); }

 private:
  ProducerSession(const common::Logger& log, SessionListener& listener);

  static void OnDeliveryReport(rd_kafka_t* client, const rd_kafka_message_t* message,
                               void* opaque) noexcept;
  void PollUntil(const std::stop_token& stop);

  SessionListener& listener_;
  common::kafka::ClientLog client_log_;
  std::vector<Delivery> batch_;  ///< Of one poll; only the delivery thread touches it.
  common::kafka::Handle client_;
  common::kafka::Topic topic_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ingest
