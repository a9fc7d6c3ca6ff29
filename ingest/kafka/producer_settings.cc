#include "ingest/kafka/producer_settings.h"

#include <algorithm>

#include "common/base/number.h"

namespace ingest {
namespace {

/// librdkafka's maximum for its queue bounds.
constexpr std::size_t kMaxInt = 2'147'483'647;

}  // namespace

common::kafka::Properties ProducerDefaults(const ProducerSettings& settings) {
  constexpr std::size_t kHeadersAndKey = 4096;
  const std::size_t max_record = settings.max_body + settings.max_head + kHeadersAndKey;
  const std::size_t max_kbytes = (settings.bounds.max_bytes + max_record) / 1024 + 1;
  common::kafka::Properties defaults = {
      {"client.id", "sluice-ingest"},
      {"allow.auto.create.topics", "false"},
      {"enable.idempotence", "false"},
      {"max.in.flight.requests.per.connection", "5"},
      {"linger.ms", "1"},
      {"message.timeout.ms", "6000"},
      {"request.timeout.ms", "3000"},
      {"socket.timeout.ms", "4000"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},
      {"topic.metadata.refresh.interval.ms", "60000"},
      {"message.max.bytes", std::to_string(std::max<std::size_t>(max_record, 1'000'000))},
      {"queue.buffering.max.messages",
       std::to_string(std::min<std::size_t>(settings.bounds.max_requests, 10'000'000))},
      {"queue.buffering.max.kbytes", std::to_string(std::min(max_kbytes, kMaxInt))},
  };
  if (!settings.client.empty()) defaults["client.id"] = settings.client;
  return defaults;
}

common::kafka::Properties ProducerPromises(const ProducerSettings& settings) {
  return {{"acks", "all"},
          {"partitioner", "murmur2_random"},
          {"batch.size", std::to_string(settings.max_batch)}};
}

std::size_t ConfiguredBatchSize(const common::kafka::Properties& operator_properties) {
  const auto found = operator_properties.find("batch.size");
  if (found == operator_properties.end()) return BatchLimit::kWanted;
  // The configuration was validated by librdkafka already.
  return common::ParseNumber<std::size_t>(found->second).value_or(BatchLimit::kWanted);
}

}  // namespace ingest
