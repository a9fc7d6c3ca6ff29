#include "ingest/kafka/producer_session.h"

#include <array>
#include <cstdint>
#include <utility>

#include "common/domain/callback_record.h"
#include "common/kafka/client_config.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"

namespace ingest {
namespace {

static_assert(sizeof(CallbackNumber) == sizeof(common::kafka::OutboundRecord::opaque));

/// The verdict on a record that librdkafka refuses. Every other error concerns the client or the
/// topic: __FATAL, __STATE, __UNKNOWN_TOPIC, __UNKNOWN_PARTITION.
Offered VerdictOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Offered::kFull;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__CONFLICT:
      return Offered::kRefused;
    default:
      return Offered::kAway;
  }
}

/// The increment that librdkafka writes to the eventfd.
constexpr std::uint64_t kOneMore = 1;

}  // namespace

ProducerSession::ProducerSession(const ProducerSettings& settings, const common::Logger& log,
                                 OnFatal on_fatal)
    : on_fatal_(std::move(on_fatal)),
      max_batch_(settings.max_batch),
      instance_(settings.instance),
      client_log_(log, "producer", [this](const common::kafka::ClientLogLine& line) {
        if (line.facility == "_FATAL") on_fatal_();
      }) {}

common::Result<std::unique_ptr<ProducerSession>> ProducerSession::Open(
    const ProducerSettings& settings, const common::Logger& log, const common::Fd& event,
    OnFatal on_fatal) {
  const common::kafka::Properties defaults = ProducerDefaults(settings);
  const common::kafka::Properties promises = ProducerPromises(settings);
  common::Result<common::kafka::Conf> conf =
      common::kafka::BuildConf({&defaults, &settings.operator_properties, &promises});
  if (!conf) return conf.error();

  std::unique_ptr<ProducerSession> session(new ProducerSession(settings, log, std::move(on_fatal)));
  session->client_log_.Attach(conf->get(), session.get());
  rd_kafka_conf_set_dr_msg_cb(conf->get(), OnDeliveryReport);
  common::Result<common::kafka::Handle> client = common::kafka::NewProducer(*std::move(conf));
  if (!client) return client.error();
  session->client_ = *std::move(client);
  session->topic_.reset(
      rd_kafka_topic_new(session->client_.get(), settings.topic.c_str(), nullptr));
  if (!session->topic_) {
    return common::Error{
        common::Remedy::kStop, "client_refused",
        "topic " + settings.topic + ": " + rd_kafka_err2str(rd_kafka_last_error())};
  }
  session->report_queue_.reset(rd_kafka_queue_get_main(session->client_.get()));
  rd_kafka_queue_io_event_enable(session->report_queue_.get(), event.get(), &kOneMore,
                                 sizeof kOneMore);
  return session;
}

ProducerSession::~ProducerSession() {
  // Nobody receives these reports: rd_kafka_destroy() drops them.
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Offered ProducerSession::Produce(CallbackNumber number, const common::Envelope& envelope) {
  common::kafka::Headers headers(rd_kafka_headers_new(common::kMostHeaders + 1));
  common::ForEachHeader(envelope, [&](std::string_view name, std::string_view value) {
    common::kafka::AddHeader(*headers, name, value);
  });
  if (!instance_.empty()) {
    common::kafka::AddHeader(*headers, common::header::kIngestInstance, instance_);
  }
  const rd_kafka_resp_err_t error = common::kafka::SendRecord(
      client_.get(), topic_.get(), {.key = envelope.key, .value = envelope.body, .opaque = number},
      std::move(headers));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Offered::kTaken;
  if (error == RD_KAFKA_RESP_ERR__FATAL) on_fatal_();
  return VerdictOf(error);
}

std::optional<std::string> ProducerSession::FatalError() const {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string(rd_kafka_err2name(error)) + ": " + text.data();
}

std::vector<Delivery> ProducerSession::TakeReports() {
  const std::lock_guard lock(poll_mutex_);
  rd_kafka_poll(client_.get(), 0);
  return std::exchange(reports_, {});
}

std::size_t ProducerSession::outstanding() const {
  return static_cast<std::size_t>(rd_kafka_outq_len(client_.get()));
}

void ProducerSession::Purge() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void ProducerSession::OnDeliveryReport(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                                       void* opaque) noexcept {
  auto* session = static_cast<ProducerSession*>(common::kafka::ClientLog::From(opaque).owner());
  if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) session->Note(message->err);
  const bool has_partition = message->partition >= 0;
  session->reports_.push_back(
      {.number = common::kafka::OpaqueOf(*message),
       .is_stored = message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                    rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_PERSISTED,
       .error = message->err,
       .partition =
           has_partition ? std::optional(common::Partition(message->partition)) : std::nullopt,
       .size = message->len + message->key_len,
       .max_batch = session->max_batch_,
       .since_produce = std::chrono::microseconds(rd_kafka_message_latency(message))});
}

}  // namespace ingest
