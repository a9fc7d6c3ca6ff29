#include "ops/ctl/audit_producer.h"

#include <utility>

#include "common/base/deadline.h"
#include "common/kafka/record_codec.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace kafka = common::kafka;

constexpr std::size_t kMaxUnderWay = 1000;
constexpr milliseconds kPoll{100};
/// librdkafka gives every record its report within message.timeout.ms and a moment.
constexpr seconds kReportLimit{40};

kafka::Properties Promises() {
  return {{"acks", "all"},
          {"enable.idempotence", "true"},
          {"message.timeout.ms", "30000"},
          {"message.max.bytes", "12582912"}};  // what the topics take
}

}  // namespace

AuditProducer::AuditProducer(const ClusterSettings& settings, std::unique_ptr<KafkaClient> client)
    : client_(std::move(client)),
      callbacks_(rd_kafka_topic_new(client_->get(), settings.topics.callbacks.c_str(), nullptr)),
      reports_(rd_kafka_queue_get_main(client_->get())) {}

Result<std::unique_ptr<AuditProducer>> AuditProducer::Open(const ClusterSettings& settings) {
  auto client = KafkaClient::Open(RD_KAFKA_PRODUCER, settings.kafka, Promises(), RD_KAFKA_EVENT_DR);
  if (!client) return client.error();
  return std::unique_ptr<AuditProducer>(new AuditProducer(settings, *std::move(client)));
}

void AuditProducer::Send(const ScannedRecord& record, const common::RecordHeaders& headers) {
  const Deadline deadline = Deadline::After(kReportLimit);
  TakeReports(milliseconds(0));
  while (!failure_) {
    auto error = RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (under_way_ < kMaxUnderWay) {
      kafka::Headers owned = kafka::ToKafka(headers);
      error = rd_kafka_producev(
          client_->get(), RD_KAFKA_V_RKT(callbacks_.get()),
          RD_KAFKA_V_PARTITION(record.partition()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(record.key().data(), record.key().size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(record.value().data()), record.value().size()),
          RD_KAFKA_V_HEADERS(owned.get()), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        static_cast<void>(owned.release());
        ++under_way_;
        return;
      }
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL || deadline.HasPassed()) return Fail(error);
    TakeReports(kPoll);
  }
}

Result<void> AuditProducer::Finish() {
  const Deadline deadline = Deadline::After(kReportLimit);
  while (under_way_ > 0 && !deadline.HasPassed()) TakeReports(kPoll);
  if (under_way_ > 0) Fail(RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (failure_) return *failure_;
  return {};
}

void AuditProducer::TakeReports(milliseconds wait) {
  int wait_ms = static_cast<int>(wait.count());
  while (true) {
    const kafka::Event event(rd_kafka_queue_poll(reports_.get(), wait_ms));
    if (!event) return;
    wait_ms = 0;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      --under_way_;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++stored_;
      } else {
        Fail(message->err);
      }
    }
  }
}

void AuditProducer::Fail(rd_kafka_resp_err_t error) {
  if (!failure_) failure_ = client_->Failed(error, "callbacks could not be put back");
}

}  // namespace ctl
