#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"
#include "ops/ctl/kafka/delivery_reports.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// A record that is on a topic already, to be put on one again.
struct ProducedRecord {
  common::RecordPosition place;                ///< Where it came from.
  std::optional<common::Partition> partition;  ///< None: by its key, as ingest does.
  std::string_view key;
  std::optional<std::string_view> value;                     ///< None: null.
  std::optional<common::WallTime> timestamp = std::nullopt;  ///< None: now.
  const common::RecordHeaders& headers;
};

/// Puts records on one topic. A record is stored once all in-sync replicas have acknowledged it.
///
/// Threads: confined to one; every call is bounded.
class RecordProducer {
 public:
  /// After the stop it waits for two seconds at most, because the caller has a report to write.
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<RecordProducer>> Open(const ClusterSettings& settings,
                                                              const std::string& topic,
                                                              std::stop_token stop);

  /// Waits for room if many records are in flight.
  /// Errors: one that no later record can avoid: no broker answers, no permission; kRetry
  ///         "interrupted" if it was stopped while it waited.
  common::Result<void> Send(const ProducedRecord& record);

  /// Waits for the records in flight. Those that are not acknowledged have failed, although Kafka
  /// may have them.
  void Finish();

  /// The failures as one error. None: no record has failed.
  [[nodiscard]] std::optional<common::Error> WhyFailed() const;

  [[nodiscard]] std::int64_t stored() const { return stored_; }
  [[nodiscard]] std::int64_t failed() const { return failed_; }
  /// The first ones.
  [[nodiscard]] const std::vector<UnstoredRecord>& failures() const { return failures_; }

 private:
  RecordProducer(const std::string& topic, std::unique_ptr<KafkaClient> client,
                 std::stop_token stop);
  [[nodiscard]] rd_kafka_resp_err_t Produce(const ProducedRecord& record);
  void HandleReport(const rd_kafka_message_t& message);
  void Fail(const common::RecordPosition& place, rd_kafka_resp_err_t error);

  std::stop_token stop_;
  std::unique_ptr<KafkaClient> client_;
  common::kafka::Topic topic_;
  DeliveryReports reports_;
  std::map<std::size_t, common::RecordPosition>
      under_way_;  ///< By the number in the delivery report.
  std::size_t next_number_ = 1;
  std::int64_t stored_ = 0;
  std::int64_t failed_ = 0;
  std::vector<UnstoredRecord> failures_;
  std::optional<common::Error> hopeless_;
};

}  // namespace ctl
