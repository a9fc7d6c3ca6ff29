#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"
#include "ops/ctl/dead_outcome.h"
#include "ops/ctl/dead_record.h"
#include "ops/ctl/kafka_client.h"
#include "ops/ctl/settings.h"

namespace ctl {

/// Puts dead letters back on `callbacks`, partitioned by key as ingest does it. Stored means
/// acknowledged by all in-sync replicas.
///
/// Threads: confined to one; every call is bounded.
class DeadProducer {
 public:
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<DeadProducer>> Open(const ClusterSettings& settings);

  /// Waits for room where many are under way.
  /// Errors: the one that makes going on useless: a broker that does not answer, no permission.
  common::Result<void> Send(const DeadRecord& letter);

  /// Waits for what is under way.
  void Finish();

  [[nodiscard]] std::int64_t stored() const { return stored_; }
  [[nodiscard]] std::int64_t failed() const { return failed_; }
  /// The first ones.
  [[nodiscard]] const std::vector<RedriveFailure>& failures() const { return failures_; }

 private:
  DeadProducer(const ClusterSettings& settings, std::unique_ptr<KafkaClient> client);
  [[nodiscard]] rd_kafka_resp_err_t Produce(const DeadRecord& letter);
  /// Takes reports, waiting for the first one so long.
  void TakeReports(std::chrono::milliseconds wait);
  void TakeReport(const rd_kafka_message_t& message);
  void Fail(const DeadPlace& place, rd_kafka_resp_err_t error);

  std::string dead_topic_;
  std::unique_ptr<KafkaClient> client_;
  common::kafka::Topic callbacks_;
  common::kafka::Queue reports_;
  std::map<std::size_t, DeadPlace> under_way_;  ///< By the number that a report carries.
  std::size_t next_number_ = 1;
  std::int64_t stored_ = 0;
  std::int64_t failed_ = 0;
  std::vector<RedriveFailure> failures_;
  std::optional<common::Error> hopeless_;
};

}  // namespace ctl
