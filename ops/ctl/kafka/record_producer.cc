#include "ops/ctl/kafka/record_producer.h"

#include <chrono>
#include <string>
#include <utility>

#include "common/kafka/classify_error.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr std::size_t kMaxUnderWay = 1000;
constexpr std::size_t kMaxFailures = 20;

kafka::Properties Promises() {
  kafka::Properties promises = ProducerPromises();
  promises["message.max.bytes"] = "12582912";  // as the topics
  return promises;
}

}  // namespace

RecordProducer::RecordProducer(const std::string& topic, std::unique_ptr<KafkaClient> client,
                               std::stop_token stop)
    : stop_(std::move(stop)),
      client_(std::move(client)),
      topic_(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr)),
      reports_(client_->get(), [this](const rd_kafka_message_t& report) { HandleReport(report); }) {
}

Result<std::unique_ptr<RecordProducer>> RecordProducer::Open(const ClusterSettings& settings,
                                                             const std::string& topic,
                                                             std::stop_token stop) {
  auto client = KafkaClient::Open(RD_KAFKA_PRODUCER, settings.kafka, Promises(), RD_KAFKA_EVENT_DR);
  if (!client) return client.error();
  return std::unique_ptr<RecordProducer>(
      new RecordProducer(topic, *std::move(client), std::move(stop)));
}

Result<void> RecordProducer::Send(const ProducedRecord& record) {
  const Deadline deadline = Deadline::After(kLongestReport);
  reports_.Poll(milliseconds(0));
  while (!hopeless_) {
    const bool has_room = under_way_.size() < kMaxUnderWay;
    const rd_kafka_resp_err_t failed = has_room ? Produce(record) : RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (failed != RD_KAFKA_RESP_ERR__QUEUE_FULL || deadline.HasPassed()) {
      Fail(record.place, failed);
      break;
    }
    if (stop_.stop_requested()) return Interrupted();
    reports_.Poll(kReportPoll);
  }
  if (hopeless_) return *hopeless_;
  return {};
}

rd_kafka_resp_err_t RecordProducer::Produce(const ProducedRecord& record) {
  const rd_kafka_resp_err_t failed = kafka::SendRecord(client_->get(), topic_.get(),
                                                       {.key = record.key,
                                                        .value = record.value,
                                                        .partition = record.partition,
                                                        .timestamp = record.timestamp,
                                                        .opaque = next_number_},
                                                       kafka::ToKafka(record.headers));
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) under_way_.emplace(next_number_++, record.place);
  return failed;
}

void RecordProducer::Finish() {
  reports_.Await([this] { return !under_way_.empty(); }, stop_);
  for (const auto& [number, place] : under_way_) Fail(place, RD_KAFKA_RESP_ERR__TIMED_OUT);
  under_way_.clear();
}

std::optional<Error> RecordProducer::WhyFailed() const {
  if (hopeless_) return hopeless_;
  if (failures_.empty()) return std::nullopt;
  const UnstoredRecord& first = failures_.front();
  return Error{Remedy::kStop, "not_stored",
               std::to_string(failed_) + " records of " + rd_kafka_topic_name(topic_.get()) +
                   " could not be stored; " + ToText(first.place) + ": " + first.error};
}

void RecordProducer::HandleReport(const rd_kafka_message_t& message) {
  const auto found = under_way_.find(kafka::OpaqueOf(message));
  if (found == under_way_.end()) return;
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++stored_;
  } else {
    Fail(found->second, message.err);
  }
  under_way_.erase(found);
}

void RecordProducer::Fail(const common::RecordPosition& place, rd_kafka_resp_err_t error) {
  ++failed_;
  if (failures_.size() < kMaxFailures) failures_.push_back({place, rd_kafka_err2str(error)});
  // After an error of this record alone, the next one may succeed.
  const bool is_of_the_record = kafka::Classify(error, "redrive").remedy == Remedy::kReject;
  if (is_of_the_record || hopeless_) return;
  const bool is_late = error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
  hopeless_ = client_->Failed(is_late ? RD_KAFKA_RESP_ERR__TIMED_OUT : error,
                              rd_kafka_topic_name(topic_.get()));
}

}  // namespace ctl
