#include "ingest/kafka/producer_settings.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <string>

namespace ingest {
namespace {

std::string Effective(const ProducerSettings& settings, const std::string& name) {
  const common::kafka::Properties defaults = ProducerDefaults(settings);
  const common::kafka::Properties promises = ProducerPromises(settings);
  auto conf = common::kafka::BuildConf({&defaults, &settings.operator_properties, &promises});
  if (!conf) return conf.error().detail;
  std::array<char, 256> value{};
  std::size_t size = value.size();
  if (rd_kafka_conf_get(conf->get(), name.c_str(), value.data(), &size) != RD_KAFKA_CONF_OK) {
    return "(unknown)";
  }
  return value.data();
}

TEST(ProducerSettings, RequestAcksOfAllReplicasAndJavasPartitioner) {
  EXPECT_EQ(Effective({}, "acks"), "-1");
  EXPECT_EQ(Effective({}, "partitioner"), "murmur2_random");
}

TEST(ProducerSettings, OverrideOperatorPropertiesThatBreakPromises) {
  ProducerSettings settings;
  settings.operator_properties = {{"acks", "1"}, {"partitioner", "random"}};
  EXPECT_EQ(Effective(settings, "acks"), "-1");
  EXPECT_EQ(Effective(settings, "partitioner"), "murmur2_random");
}

TEST(ProducerSettings, UseTheMeasuredDefaults) {
  EXPECT_EQ(Effective({}, "enable.idempotence"), "false");
  EXPECT_EQ(Effective({}, "max.in.flight.requests.per.connection"), "5");
  EXPECT_EQ(Effective({}, "linger.ms"), "1");
  EXPECT_EQ(Effective({}, "socket.nagle.disable"), "true");
  EXPECT_EQ(Effective({}, "reconnect.backoff.max.ms"), "500");
  EXPECT_EQ(Effective({}, "message.timeout.ms"), "6000");
  EXPECT_EQ(Effective({}, "request.timeout.ms"), "3000");
}

TEST(ProducerSettings, NameTheClientUnlessTheOperatorDoes) {
  ProducerSettings settings;
  EXPECT_EQ(Effective(settings, "client.id"), "sluice-ingest");
  settings.client = "sluice-ingest-expected";
  EXPECT_EQ(Effective(settings, "client.id"), "sluice-ingest-expected");
  settings.operator_properties = {{"client.id", "mine"}};
  EXPECT_EQ(Effective(settings, "client.id"), "mine");
}

TEST(ProducerSettings, ForbidAutomaticTopicCreation) {
  EXPECT_EQ(Effective({}, "allow.auto.create.topics"), "false");
}

TEST(ProducerSettings, LetTheOperatorOverrideADefault) {
  ProducerSettings settings;
  settings.operator_properties = {{"linger.ms", "5"}, {"enable.idempotence", "true"}};
  EXPECT_EQ(Effective(settings, "linger.ms"), "5");
  EXPECT_EQ(Effective(settings, "enable.idempotence"), "true");
}

TEST(ProducerSettings, BoundTheQueueByTheBoundsInFlight) {
  ProducerSettings settings;
  settings.bounds = {.max_requests = 123, .max_bytes = 10ULL * 1024 * 1024};
  settings.max_body = 1024;
  EXPECT_EQ(Effective(settings, "queue.buffering.max.messages"), "123");
  EXPECT_GE(std::stoi(Effective(settings, "queue.buffering.max.kbytes")), 10 * 1024);
  settings.bounds.max_bytes = 1ULL << 50U;
  EXPECT_EQ(Effective(settings, "queue.buffering.max.kbytes"), "2147483647");
}

TEST(ProducerSettings, AllowTheLargestBody) {
  ProducerSettings settings;
  settings.max_body = 10ULL * 1024 * 1024;
  EXPECT_GT(std::stoull(Effective(settings, "message.max.bytes")), settings.max_body);
}

}  // namespace
}  // namespace ingest
