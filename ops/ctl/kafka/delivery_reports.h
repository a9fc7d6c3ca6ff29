#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <stop_token>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"

namespace ctl {

/// Properties that keep the promises of the commands' producers: a record is stored once all
/// in-sync replicas have it, in the partition that ingest would choose. Each record is reported
/// within kLongestReport.
[[nodiscard]] common::kafka::Properties ProducerPromises();

/// librdkafka reports every record shortly after its message.timeout.ms at the latest.
inline constexpr std::chrono::seconds kLongestReport{40};
inline constexpr std::chrono::milliseconds kReportPoll{100};

/// Takes a producer's delivery reports.
///
/// Threads:  confined to one.
/// Lifetime: the client must outlive it.
class DeliveryReports {
 public:
  using Handler = std::function<void(const rd_kafka_message_t& report)>;

  DeliveryReports(rd_kafka_t* client, Handler handle);

  /// Hands over the reports that are there; waits up to `wait` for the first one.
  void Poll(std::chrono::milliseconds wait);

  /// Waits while `are_awaited()`, for kLongestReport at most, and for two seconds at most after the
  /// stop: less than the grace of a time limit (ops/ctl/time_limit.h), since the caller has a
  /// report to write.
  void Await(const std::function<bool()>& are_awaited, const std::stop_token& stop);

 private:
  common::kafka::Queue queue_;
  Handler handle_;
};

}  // namespace ctl
