#include "ops/ctl/kafka/kafka_client.h"

#include <utility>

#include "common/kafka/classify_error.h"
#include "common/kafka/topic_admin.h"

namespace ctl {

using common::Error;
using common::Remedy;
using common::Result;
namespace kafka = common::kafka;

KafkaClient::KafkaClient(std::string bootstrap)
    : bootstrap_(std::move(bootstrap)),
      silent_("sluicectl", [](std::string_view /*line*/) {}),
      log_(silent_, "sluicectl") {}

Result<std::unique_ptr<KafkaClient>> KafkaClient::Open(rd_kafka_type_t type,
                                                       const kafka::Properties& operators,
                                                       const kafka::Properties& promises,
                                                       int events) {
  const kafka::Properties defaults = {{"client.id", "sluicectl"},
                                      {"allow.auto.create.topics", "false"},
                                      {"socket.nagle.disable", "true"},
                                      {"reconnect.backoff.max.ms", "500"}};
  Result<kafka::Conf> conf = kafka::BuildConfOf(type, {&defaults, &operators, &promises});
  if (!conf) return conf.error();
  const auto bootstrap = operators.find("bootstrap.servers");
  std::unique_ptr<KafkaClient> client(
      new KafkaClient(bootstrap == operators.end() ? "" : bootstrap->second));
  client->log_.Attach(conf->get());
  if (events != 0) rd_kafka_conf_set_events(conf->get(), events);
  Result<kafka::Handle> handle = type == RD_KAFKA_PRODUCER ? kafka::NewProducer(*std::move(conf))
                                                           : kafka::NewConsumer(*std::move(conf));
  if (!handle) return handle.error();
  client->client_ = *std::move(handle);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(client->client_.get());
  return client;
}

Result<std::unique_ptr<KafkaClient>> KafkaClient::OpenReader(const kafka::Properties& operators,
                                                             const std::string& group,
                                                             kafka::IsolationLevel isolation) {
  kafka::Properties promises = kafka::ReaderPromises(group, isolation);
  promises.merge(kafka::ReaderDefaults());
  return Open(RD_KAFKA_CONSUMER, operators, promises);
}

KafkaClient::~KafkaClient() {
  if (!client_) return;
  if (rd_kafka_type(client_.get()) == RD_KAFKA_PRODUCER) {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  }
  rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Error KafkaClient::Failed(rd_kafka_resp_err_t error, std::string_view what) const {
  if (kafka::IsNoAnswer(error)) {
    return {Remedy::kRetry, kafka::kNoBroker, std::string(what) + ": " + WhyNobodyAnswers()};
  }
  return {Remedy::kStop, kafka::code::kUnexpected,
          std::string(what) + ": " + rd_kafka_err2str(error)};
}

Error KafkaClient::Explained(const Error& error) const {
  if (error.code != kafka::kNoBroker) return error;
  return {error.remedy, error.code, WhyNobodyAnswers()};
}

std::string KafkaClient::WhyNobodyAnswers() const {
  const std::string words = log_.WhyUnanswered();
  return "no broker answers at " + bootstrap_ + (words.empty() ? "" : ": " + words);
}

}  // namespace ctl
