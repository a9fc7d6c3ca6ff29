#include "ingest/kafka/producer_session.h"

#include <array>
#include <cstdint>
#include <utility>

#include "common/domain/callback_record.h"
#include "common/kafka/client_config.h"
#include "common/kafka/record_codec.h"

namespace ingest {
namespace {

constexpr int kPollMs = 100;

/// The number travels where librdkafka expects a pointer.
void* ToOpaque(CallbackNumber number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr): never dereferenced
}
CallbackNumber ToNumber(const void* opaque) { return reinterpret_cast<std::uintptr_t>(opaque); }
static_assert(sizeof(CallbackNumber) == sizeof(void*));

}  // namespace

ProducerSession::ProducerSession(const common::Logger& log, SessionListener& listener)
    : listener_(listener),
      client_log_(log, "producer", [this](const common::kafka::ClientLogLine& line) {
        if (line.facility == "_FATAL") listener_.OnFatal();
      }) {}

common::Result<std::unique_ptr<ProducerSession>> ProducerSession::Open(
    const ProducerSettings& settings, const common::Logger& log, SessionListener& listener) {
  const common::kafka::Properties defaults = ProducerDefaults(settings);
  const common::kafka::Properties promises = ProducerPromises();
  common::Result<common::kafka::Conf> conf =
      common::kafka::BuildConf({&defaults, &settings.operator_properties, &promises});
  if (!conf) return conf.error();

  std::unique_ptr<ProducerSession> session(new ProducerSession(log, listener));
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
  session->thread_ =
      std::jthread([raw = session.get()](const std::stop_token& stop) { raw->PollUntil(stop); });
  return session;
}

ProducerSession::~ProducerSession() {
  thread_ = {};
  // What is purged here has no listener any more: rd_kafka_destroy drops the reports.
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  topic_.reset();
}

Offered ProducerSession::Produce(CallbackNumber number, const common::Envelope& envelope) {
  common::kafka::Headers headers = common::kafka::ToKafka(common::HeadersOf(envelope));
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(const_cast<char*>(envelope.key.data()), envelope.key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(envelope.body.data()), envelope.body.size()),
      RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(ToOpaque(number)), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(headers.release());  // librdkafka's now.
    return Offered::kTaken;
  }
  if (error == RD_KAFKA_RESP_ERR__FATAL) listener_.OnFatal();
  return Offered::kUnavailable;
}

std::optional<std::string> ProducerSession::FatalError() const {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return std::string(rd_kafka_err2name(error)) + ": " + text.data();
}

std::size_t ProducerSession::Flush(common::Deadline deadline) {
  while (rd_kafka_outq_len(client_.get()) > 0 && !deadline.HasPassed()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return static_cast<std::size_t>(rd_kafka_outq_len(client_.get()));
}

void ProducerSession::Purge(common::Deadline deadline) {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  Flush(deadline);
}

void ProducerSession::OnDeliveryReport(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                                       void* opaque) noexcept {
  auto* session = static_cast<ProducerSession*>(common::kafka::ClientLog::From(opaque).owner());
  session->batch_.push_back(
      {.number = ToNumber(message->_private),
       .is_stored = message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                    rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_PERSISTED,
       .error = message->err,
       .since_produce = std::chrono::microseconds(rd_kafka_message_latency(message))});
}

void ProducerSession::PollUntil(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    rd_kafka_poll(client_.get(), kPollMs);
    if (batch_.empty()) continue;
    listener_.OnDeliveries(batch_);
    batch_.clear();
  }
}

}  // namespace ingest
