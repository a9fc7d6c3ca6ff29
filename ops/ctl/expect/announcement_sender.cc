#include "ops/ctl/expect/announcement_sender.h"

#include <utility>

#include "common/base/deadline.h"
#include "common/json/expected_process.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr std::size_t kMaxUnderWay = 10'000;

kafka::Properties Promises() {
  kafka::Properties promises = ProducerPromises();
  promises["allow.auto.create.topics"] = "false";
  return promises;
}

}  // namespace

AnnouncementSender::AnnouncementSender(const ClusterSettings& settings,
                                       std::unique_ptr<KafkaClient> client)
    : client_(std::move(client)),
      topic_(rd_kafka_topic_new(client_->get(), settings.topics.expected.c_str(), nullptr)),
      reports_(client_->get(), [this](const rd_kafka_message_t& report) { HandleReport(report); }) {
}

Result<std::unique_ptr<AnnouncementSender>> AnnouncementSender::Open(
    const ClusterSettings& settings) {
  auto client = KafkaClient::Open(RD_KAFKA_PRODUCER, settings.kafka, Promises(), RD_KAFKA_EVENT_DR);
  if (!client) return client.error();
  return std::unique_ptr<AnnouncementSender>(new AnnouncementSender(settings, *std::move(client)));
}

std::vector<SentAnnouncement> AnnouncementSender::Send(const std::vector<ExpectRequest>& requests,
                                                       const std::stop_token& stop) {
  sent_.assign(requests.size(), {});
  for (std::size_t i = 0; i < requests.size() && !stop.stop_requested() && !is_hopeless_; ++i) {
    const rd_kafka_resp_err_t failed = ProduceOnceThereIsRoom(requests[i], i, stop);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++under_way_;
      sent_[i].error = "its report did not come in time";
    } else {
      sent_[i].error = rd_kafka_err2str(failed);
      is_hopeless_ = true;
    }
    reports_.Poll(milliseconds(0));
  }
  reports_.Await([this] { return under_way_ > 0; }, stop);
  return std::move(sent_);
}

/// The operator may have made librdkafka's queue smaller than ours.
rd_kafka_resp_err_t AnnouncementSender::ProduceOnceThereIsRoom(const ExpectRequest& request,
                                                               std::size_t index,
                                                               const std::stop_token& stop) {
  const Deadline deadline = Deadline::After(kLongestReport);
  while (true) {
    const rd_kafka_resp_err_t failed =
        under_way_ < kMaxUnderWay ? Produce(request, index) : RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (failed != RD_KAFKA_RESP_ERR__QUEUE_FULL) return failed;
    if (is_hopeless_ || deadline.HasPassed() || stop.stop_requested()) return failed;
    reports_.Poll(kReportPoll);
  }
}

rd_kafka_resp_err_t AnnouncementSender::Produce(const ExpectRequest& request, std::size_t index) {
  std::optional<std::string> value;
  if (request.announcement) value = common::json::WriteExpectedProcess(*request.announcement);
  kafka::OutboundRecord record{.key = request.process.str(), .opaque = index};
  if (value) record.value = *value;
  return kafka::SendRecord(client_->get(), topic_.get(), record);
}

void AnnouncementSender::HandleReport(const rd_kafka_message_t& message) {
  --under_way_;
  SentAnnouncement& report = sent_.at(kafka::OpaqueOf(message));
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    report.place = {kafka::PartitionOf(message), kafka::OffsetOf(message)};
    report.error.reset();
  } else {
    report.error = client_->Failed(message.err, rd_kafka_topic_name(topic_.get())).detail;
    is_hopeless_ = true;
  }
}

}  // namespace ctl
