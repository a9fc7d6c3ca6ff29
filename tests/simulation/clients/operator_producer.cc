// ops/ctl/kafka/record_producer.h on the model cluster, in the place of the one on librdkafka: it
// is idempotent, and repeats a request until the record's time is over.
#include <thread>
#include <utility>

#include "common/domain/key_partition.h"
#include "common/kafka/classify_error.h"
#include "ops/ctl/kafka/record_producer.h"
#include "ops/ctl/shell/arguments.h"
#include "tests/simulation/clients/topics.h"
#include "tests/simulation/cluster/cluster.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using simulation::Cluster;
using simulation::Code;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kMessageTimeout{30};
constexpr seconds kOneRequest{3};
constexpr milliseconds kPause{100};

/// The header has no room for a name.
std::map<const RecordProducer*, std::string>& Topics() {
  static std::map<const RecordProducer*, std::string> topics;
  return topics;
}

}  // namespace

DeliveryReports::DeliveryReports(rd_kafka_t* /*client*/, Handler handle)
    : handle_(std::move(handle)) {}

RecordProducer::RecordProducer(const std::string& topic, std::unique_ptr<KafkaClient> client,
                               std::stop_token stop)
    : stop_(std::move(stop)), client_(std::move(client)), reports_(nullptr, {}) {
  Topics()[this] = topic;
}

Result<std::unique_ptr<RecordProducer>> RecordProducer::Open(const ClusterSettings& /*settings*/,
                                                             const std::string& topic,
                                                             std::stop_token stop) {
  return std::unique_ptr<RecordProducer>(new RecordProducer(topic, nullptr, std::move(stop)));
}

Result<void> RecordProducer::Send(const ProducedRecord& record) {
  if (hopeless_) return *hopeless_;
  Cluster& cluster = Cluster::Current();
  const simulation::Topic topic = simulation::TopicOf(Topics().at(this));
  const common::Partition partition =
      record.partition.value_or(common::PartitionOf(record.key, cluster.PartitionsOf(topic)));
  simulation::Entry entry;
  entry.key = record.key;
  entry.value = record.value.value_or("");
  entry.headers = record.headers;
  if (record.timestamp) entry.time = *record.timestamp;
  const std::uint64_t number = cluster.NextNumber();
  const Deadline deadline = Deadline::After(kMessageTimeout);
  while (!deadline.HasPassed()) {
    if (stop_.stop_requested()) return Interrupted();
    const auto reply = cluster.ProduceOnce({topic, partition.number()}, number, entry, kOneRequest);
    if (reply.is_good()) {
      ++stored_;
      return {};
    }
    if (reply.is_answered() && reply.answer.code == Code::kRecordTooLarge) {
      Fail(record.place, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
      return {};
    }
    std::this_thread::sleep_for(kPause);
  }
  Fail(record.place, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  return *hopeless_;
}

void RecordProducer::Finish() {}

std::optional<Error> RecordProducer::WhyFailed() const {
  if (hopeless_) return hopeless_;
  if (failures_.empty()) return std::nullopt;
  return Error{Remedy::kStop, "not_stored", failures_.front().error};
}

void RecordProducer::Fail(const common::RecordPosition& place, rd_kafka_resp_err_t error) {
  ++failed_;
  failures_.push_back({place, rd_kafka_err2str(error)});
  if (error != RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) return;
  hopeless_ = Error{Remedy::kRetry, common::kafka::code::kRetriable, "no broker answers"};
}

}  // namespace ctl
