#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/kafka/client_config.h"
#include "common/kafka/client_log.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_reader.h"

namespace ctl {

/// For looking up offsets or a topic's layout.
inline constexpr std::chrono::seconds kLookUpLimit{10};
/// Between two looks.
inline constexpr std::chrono::milliseconds kLookUpPause{100};

/// The client of one command. It does not print librdkafka's log lines; the last ones explain why
/// no broker answered.
class KafkaClient {
 public:
  /// `promises` override the operator's properties. `events`: kinds of rd_kafka_event_t to take
  /// from the client's main queue instead of callbacks.
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<KafkaClient>> Open(
      rd_kafka_type_t type, const common::kafka::Properties& operators,
      const common::kafka::Properties& promises = {}, int events = 0);
  /// A consumer for common/kafka/partition_reader.h.
  static common::Result<std::unique_ptr<KafkaClient>> OpenReader(
      const common::kafka::Properties& operators, const std::string& group,
      common::kafka::IsolationLevel isolation);
  /// Drops requests in flight; sends no LeaveGroup.
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  [[nodiscard]] rd_kafka_t* get() const { return client_.get(); }

  /// The error of a failed call for a person; `what` names the failed operation.
  [[nodiscard]] common::Error Failed(rd_kafka_resp_err_t error, std::string_view what) const;
  /// The same for an error of common/kafka. Adds the log lines to "no_broker" only.
  [[nodiscard]] common::Error Explained(const common::Error& error) const;

 private:
  explicit KafkaClient(std::string bootstrap);
  [[nodiscard]] std::string WhyNobodyAnswers() const;

  std::string bootstrap_;
  common::Logger silent_;
  common::kafka::ClientLog log_;
  common::kafka::Handle client_;  // Last: its threads write to the members above.
};

}  // namespace ctl
