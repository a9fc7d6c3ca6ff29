#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "common/base/guarded.h"

namespace ingest {

class KafkaEvents;

/// Counts the records that the broker refuses because of their content, and reports them: a new
/// reason at once, the same one at most once a minute.
///
/// Threads: Count() from any, Report() from one.
/// Time:    an argument; does not go back.
class RefusedRecordsReport {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Count(rd_kafka_resp_err_t error);
  /// For the advice to the operator.
  struct Topic {
    std::string name;
    std::string largest = "max_body";  ///< Its max.message.bytes must be above this.
  };
  void Report(KafkaEvents& events, const Topic& topic, TimePoint now);

 private:
  struct Refused {
    std::size_t count = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  common::Guarded<Refused> unreported_;
  rd_kafka_resp_err_t reported_ = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< The last reason.
  TimePoint next_report_{};                                    ///< Of the same reason.
};

}  // namespace ingest
