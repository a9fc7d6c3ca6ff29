#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"
#include "ops/ctl/kafka_client.h"
#include "ops/ctl/settings.h"
#include "ops/ctl/topic_scan.h"

namespace ctl {

/// Puts callbacks back on their own partition. Stored means acknowledged by all in-sync replicas.
///
/// Threads: confined to one; every call is bounded.
class AuditProducer {
 public:
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<AuditProducer>> Open(const ClusterSettings& settings);

  /// The record's key and value with these headers. Waits for room where many are under way; does
  /// nothing after a failure.
  void Send(const ScannedRecord& record, const common::RecordHeaders& headers);

  /// Waits for what is under way.
  /// Errors: the first failure.
  common::Result<void> Finish();

  [[nodiscard]] std::size_t stored() const { return stored_; }

 private:
  AuditProducer(const ClusterSettings& settings, std::unique_ptr<KafkaClient> client);
  void TakeReports(std::chrono::milliseconds wait);
  void Fail(rd_kafka_resp_err_t error);

  std::unique_ptr<KafkaClient> client_;
  common::kafka::Topic callbacks_;
  common::kafka::Queue reports_;
  std::size_t under_way_ = 0;
  std::size_t stored_ = 0;
  std::optional<common::Error> failure_;
};

}  // namespace ctl
