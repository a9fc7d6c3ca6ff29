#include "ingest/kafka/refused_records_report.h"

#include <utility>

#include "ingest/kafka/kafka_events.h"

namespace ingest {
namespace {

constexpr std::chrono::seconds kReportEvery{60};

}  // namespace

void RefusedRecordsReport::Count(rd_kafka_resp_err_t error) {
  unreported_.With([&](Refused& refused) {
    ++refused.count;
    refused.error = error;
  });
}

void RefusedRecordsReport::Report(KafkaEvents& events, const Topic& topic, TimePoint now) {
  const auto [count, error] = unreported_.With([&](Refused& refused) {
    const bool is_known = refused.error == reported_ && now < next_report_;
    return is_known ? Refused{} : std::exchange(refused, Refused{});
  });
  if (count == 0) return;
  reported_ = error;
  next_report_ = now + kReportEvery;
  std::string why = rd_kafka_err2str(error);
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    why += ": raise max.message.bytes of " + topic.name + " above " + topic.largest;
  }
  events.RecordsRefused(count, why);
}

}  // namespace ingest
