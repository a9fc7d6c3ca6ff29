#include "common/kafka/client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "common/kafka/token_refresh.h"

namespace common::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Property(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 256> value{};
  std::size_t size = value.size();
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return "(unknown)";
  return value.data();
}

TEST(ClientConfig, LetsLaterLayersWin) {
  const Properties defaults = {{"linger.ms", "1"}, {"acks", "1"}, {"client.id", "a"}};
  const Properties chosen = {{"linger.ms", "7"}, {"acks", "1"}};
  const Properties enforced = {{"acks", "all"}};
  const Result<Conf> conf = BuildConf({&defaults, &chosen, &enforced});
  ASSERT_TRUE(conf);
  EXPECT_EQ(Property(conf->get(), "client.id"), "a");
  EXPECT_EQ(Property(conf->get(), "linger.ms"), "7");
  EXPECT_EQ(Property(conf->get(), "acks"), "-1");
}

TEST(ClientConfig, TreatsAnAliasAsTheSameProperty) {
  const Properties defaults = {{"message.timeout.ms", "6000"}};
  const Properties chosen = {{"delivery.timeout.ms", "3000"}};
  const Result<Conf> conf = BuildConf({&defaults, &chosen});
  ASSERT_TRUE(conf);
  EXPECT_EQ(Property(conf->get(), "message.timeout.ms"), "3000");
}

TEST(ClientConfig, SkipsPropertiesOfTheOtherKindOfClient) {
  const Properties shared = {{"client.id", "both"},
                             {"session.timeout.ms", "12345"},
                             {"auto.offset.reset", "earliest"},
                             {"fetch.min.bytes", "77"},
                             {"linger.ms", "77"},
                             {"acks", "1"},
                             {"queue.buffering.max.kbytes", "777"}};
  const Result<Conf> producer = BuildConfOf(RD_KAFKA_PRODUCER, {&shared});
  ASSERT_TRUE(producer);
  EXPECT_EQ(Property(producer->get(), "client.id"), "both");
  EXPECT_EQ(Property(producer->get(), "linger.ms"), "77");
  EXPECT_EQ(Property(producer->get(), "acks"), "1");
  EXPECT_NE(Property(producer->get(), "session.timeout.ms"), "12345");
  EXPECT_NE(Property(producer->get(), "fetch.min.bytes"), "77");
  EXPECT_NE(Property(producer->get(), "auto.offset.reset"), "smallest");

  const Result<Conf> consumer = BuildConfOf(RD_KAFKA_CONSUMER, {&shared});
  ASSERT_TRUE(consumer);
  EXPECT_EQ(Property(consumer->get(), "client.id"), "both");
  EXPECT_EQ(Property(consumer->get(), "session.timeout.ms"), "12345");
  EXPECT_EQ(Property(consumer->get(), "auto.offset.reset"), "smallest");
  EXPECT_NE(Property(consumer->get(), "linger.ms"), "77");
  EXPECT_NE(Property(consumer->get(), "queue.buffering.max.kbytes"), "777");
}

TEST(ClientConfig, RefusesAnUnknownPropertyForEitherKindOfClient) {
  for (const rd_kafka_type_t type : {RD_KAFKA_PRODUCER, RD_KAFKA_CONSUMER}) {
    const Properties unknown = {{"no.such.property", "1"}};
    EXPECT_FALSE(BuildConfOf(type, {&unknown}));
  }
}

TEST(ClientConfig, RefusesAnUnknownProperty) {
  const Properties properties = {{"no.such.property", "1"}};
  const Result<Conf> conf = BuildConf({&properties});
  ASSERT_FALSE(conf);
  EXPECT_EQ(conf.error().remedy, Remedy::kStop);
  EXPECT_EQ(conf.error().code, "bad_property");
}

TEST(ClientConfig, ExplainsAnInvalidProperty) {
  EXPECT_EQ(FindPropertyMistake("linger.ms", "0.5"), std::nullopt);
  EXPECT_THAT(*FindPropertyMistake("linger.ms", "soon"), HasSubstr("Invalid value"));
  EXPECT_THAT(*FindPropertyMistake("no.such", "1"), HasSubstr("has no property 'no.such'"));
  EXPECT_THAT(*FindPropertyMistake("compression.codec", "zip"), HasSubstr("zip"));
}

TEST(ClientConfig, ReportsAnUnsupportedSaslMechanism) {
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    EXPECT_EQ(FindPropertyMistake("sasl.mechanisms", mechanism), std::nullopt) << mechanism;
    EXPECT_EQ(FindPropertyMistake("sasl.mechanism", mechanism), std::nullopt) << mechanism;
  }
  EXPECT_THAT(
      *FindPropertyMistake("sasl.mechanism", "SCRAM-SHA-1"),
      testing::AllOf(HasSubstr("lacks the mechanism 'SCRAM-SHA-1'"), HasSubstr("SCRAM-SHA-256")));
  EXPECT_THAT(*FindPropertyMistake("sasl.mechanisms", "plain"), HasSubstr("PLAIN"));
}

// Tokens are fetched by us: Debian 12's librdkafka has no OIDC.
TEST(ClientConfig, AcceptsTokenKeysWithAnyLibrdkafka) {
  EXPECT_EQ(FindPropertyMistake("sasl.oauthbearer.method", "oidc"), std::nullopt);
  EXPECT_THAT(*FindPropertyMistake("sasl.oauthbearer.method", "default"), HasSubstr("oidc"));
  EXPECT_THAT(*FindPropertyMistake("sasl.oauthbearer.token.endpoint.url", "ldap://x"),
              HasSubstr("http or https"));
  const Properties properties = {{"sasl.oauthbearer.method", "oidc"},
                                 {"sasl.oauthbearer.token.endpoint.url", "http://127.0.0.1:9/t"},
                                 {"sasl.oauthbearer.client.secret", "hunter2"},
                                 {"https.ca.location", "/etc"}};
  const Result<Conf> conf = BuildConf({&properties});
  ASSERT_TRUE(conf) << conf.error().detail;
  EXPECT_TRUE(UsesTokens(conf->get()));
  EXPECT_FALSE(UsesTokens(BuildConf({})->get()));
}

TEST(ClientConfig, ReportsAMissingFile) {
  for (const char* name : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location"}) {
    EXPECT_THAT(*FindPropertyMistake(name, "/nowhere/ca.pem"), HasSubstr("/nowhere/ca.pem"));
  }
  EXPECT_EQ(FindPropertyMistake("ssl.ca.location", "/etc"), std::nullopt) << "a directory is valid";
  EXPECT_EQ(FindPropertyMistake("ssl.ca.location", "probe"), std::nullopt);
}

TEST(ClientConfig, HidesTheValueOfASecret) {
  const auto mistake = FindPropertyMistake("ssl.key.pem", "hunter2");
  if (mistake) {
    EXPECT_THAT(*mistake, Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(*FindPropertyMistake("sasl.oauthbearer.method", "hunter2"),
              Not(HasSubstr("hunter2")));
}

TEST(ClientConfig, CreatesClientsWithoutABroker) {
  const Properties properties = {{"bootstrap.servers", "127.0.0.1:9"}, {"group.id", "g"}};
  EXPECT_TRUE(NewConsumer(*BuildConf({&properties})));
  const Properties wrong = {{"enable.idempotence", "true"}, {"acks", "1"}};
  const Result<Handle> producer = NewProducer(*BuildConf({&wrong}));
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().code, "client_refused");
  EXPECT_EQ(producer.error().remedy, Remedy::kStop);
}

}  // namespace
}  // namespace common::kafka
