#include "common/config/kafka_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"
#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Accepts every property except `nonsense`.
std::optional<std::string> Check(const std::string& name, const std::string& /*value*/) {
  if (name == "nonsense") return "librdkafka has no property 'nonsense'";
  return std::nullopt;
}

std::vector<std::string> Mistakes(const std::string& text, KafkaProperties& properties,
                                  const std::vector<ForbiddenProperty>& forbidden) {
  return MistakesOf(
      text, [&](const Section& root) { properties = ReadKafkaProperties(root, forbidden, Check); });
}

TEST(KafkaSettings, ReadLibrdkafkaPropertiesByName) {
  KafkaProperties properties;
  EXPECT_THAT(Mistakes("kafka: { bootstrap.servers: \"a:1,b:2\", linger.ms: 0.5, debug: '' }",
                       properties, ForbiddenForIngest()),
              IsEmpty());
  EXPECT_EQ(
      properties,
      (KafkaProperties{{"bootstrap.servers", "a:1,b:2"}, {"debug", ""}, {"linger.ms", "0.5"}}));
}

TEST(KafkaSettings, RequireBootstrapServers) {
  KafkaProperties properties;
  EXPECT_THAT(Mistakes("x: 1", properties, {}),
              ElementsAre("f.yaml:1:1: kafka.bootstrap.servers: must be set",
                          "f.yaml:1:1: x: unknown key; known here: kafka"));
  EXPECT_THAT(Mistakes("kafka: { linger.ms: 1 }", properties, {}),
              ElementsAre("f.yaml:1:8: kafka.bootstrap.servers: must be set"));
}

TEST(KafkaSettings, ReadASecretFromAFile) {
  const tests::TempDirectory directory;
  const std::string path = directory.Write("password", "hunter2\n");
  KafkaProperties properties;
  EXPECT_THAT(
      Mistakes("kafka:\n  bootstrap.servers: a:1\n  sasl.password_file: " + path, properties, {}),
      IsEmpty());
  EXPECT_EQ(properties["sasl.password"], "hunter2");
  EXPECT_THAT(Mistakes("kafka:\n  bootstrap.servers: a:1\n  sasl.password_file: " + path +
                           "\n  sasl.password: b",
                       properties, {}),
              ElementsAre("f.yaml:3:23: kafka.sasl.password_file: is also set without _file"));
  EXPECT_THAT(
      Mistakes("kafka:\n  bootstrap.servers: a:1\n  sasl.password_file: /nowhere", properties, {}),
      ElementsAre("f.yaml:3:23: kafka.sasl.password_file: the file /nowhere cannot be "
                  "read: No such file or directory"));
}

TEST(KafkaSettings, RefusePropertiesThatGuaranteesDependOn) {
  KafkaProperties properties;
  EXPECT_THAT(
      Mistakes("kafka:\n  bootstrap.servers: a:1\n  acks: 1\n  partitioner: random\n"
               "  request.required.acks: 0\n  enable.idempotence: true\n",
               properties, ForbiddenForIngest()),
      ElementsAre("f.yaml:3:9: kafka.acks: may not be set: a 200 promises that all in-sync "
                  "replicas have the record",
                  "f.yaml:4:16: kafka.partitioner: may not be set: redeliveries of a process must "
                  "meet in one partition",
                  "f.yaml:5:26: kafka.request.required.acks: may not be set: a 200 promises that "
                  "all in-sync replicas have the record"));
  for (const std::string name : {"delivery.report.only.error", "transactional.id"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(Mistakes("kafka: { bootstrap.servers: a, " + name + ": x }", properties,
                       ForbiddenForIngest())
                  .size(),
              1U);
  }
  for (const std::string name :
       {"group.id", "group.instance.id", "transactional.id", "isolation.level",
        "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
        "enable.partition.eof", "enable.idempotence", "acks", "request.required.acks",
        "partitioner", "partition.assignment.strategy", "delivery.report.only.error",
        "group.protocol", "group.remote.assignor"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(Mistakes("kafka: { bootstrap.servers: a, " + name + ": x }", properties,
                       ForbiddenForConsumer())
                  .size(),
              1U);
    EXPECT_FALSE(properties.contains(name));
  }
}

TEST(KafkaSettings, RefusePropertiesUnknownToLibrdkafka) {
  KafkaProperties properties;
  EXPECT_THAT(Mistakes("kafka: { bootstrap.servers: a, nonsense: 1 }", properties, {}),
              ElementsAre("f.yaml:1:42: kafka.nonsense: librdkafka has no property 'nonsense'"));
}

TEST(KafkaSettings, HideValuesFromVariablesAndFiles) {
  const tests::TempDirectory directory;
  const std::string path = directory.Write("value", "hunter2\n");
  const auto refuse = [](const std::string&, const std::string& value) {
    return std::optional("Invalid value \"" + value + "\"");
  };
  const auto mistakes = MistakesOf(
      "kafka: { bootstrap.servers: a, debug: \"${SECRET}\", client.rack_file: " + path + " }",
      [&](const Section& root) { (void)ReadKafkaProperties(root, {}, refuse); },
      {{"SECRET", "hunter2"}});
  EXPECT_THAT(mistakes,
              ElementsAre("f.yaml:1:29: kafka.bootstrap.servers: Invalid value \"a\"",
                          "f.yaml:1:39: kafka.debug: librdkafka rejects the property or its value",
                          testing::EndsWith("librdkafka rejects the property or its value")));
}

TEST(KafkaSettings, RefuseOauthbearerWithoutAWayToTokens) {
  KafkaProperties properties;
  EXPECT_THAT(Mistakes("kafka: { bootstrap.servers: a, sasl.mechanism: OAUTHBEARER, "
                       "sasl.oauthbearer.client.id: me, sasl.oauthbearer.client.secret: x }",
                       properties, {}),
              ElementsAre(testing::EndsWith(
                  "kafka.sasl.mechanism: OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url")));
  EXPECT_THAT(Mistakes("kafka: { bootstrap.servers: a, sasl.mechanism: OAUTHBEARER, "
                       "enable.sasl.oauthbearer.unsecure.jwt: \"true\" }",
                       properties, {}),
              IsEmpty());
}

TEST(TopicSettings, OverrideTheDefaultNames) {
  TopicNames names;
  EXPECT_THAT(MistakesOf("topics: { seen: s, dead: d.1 }",
                         [&](const Section& root) { names = ReadTopicNames(root); }),
              IsEmpty());
  EXPECT_EQ(names.callbacks, "callbacks");
  EXPECT_EQ(names.seen, "s");
  EXPECT_EQ(names.processes, "processes");
  EXPECT_EQ(names.dead, "d.1");
}

TEST(TopicSettings, NameAnnouncementTopicAfterCallbackTopic) {
  const auto expected = [](const std::string& yaml) {
    TopicNames names;
    EXPECT_THAT(MistakesOf(yaml, [&](const Section& root) { names = ReadTopicNames(root); }),
                IsEmpty());
    return names.expected;
  };
  EXPECT_EQ(expected("topics: { seen: s }"), "callbacks.expected");
  EXPECT_EQ(expected("topics: { callbacks: b.c }"), "b.c.expected");
  EXPECT_EQ(expected("topics: { callbacks: b.c, expected: e }"), "e");
  const std::string longest(249, 'c');
  EXPECT_EQ(expected("topics: { callbacks: " + longest + " }"), "callbacks.expected");
}

TEST(TopicSettings, RefuseInvalidAndDuplicateNames) {
  TopicNames names;
  EXPECT_THAT(MistakesOf("topics: { callbacks: a b, seen: processes, processes: processes }",
                         [&](const Section& root) { names = ReadTopicNames(root); }),
              ElementsAre("f.yaml:1:22: topics.callbacks: a topic name has 1 to 249 letters, "
                          "digits, dots, dashes or underscores",
                          "f.yaml:1:55: topics.processes: another topic already has the name "
                          "'processes'"));
}

TEST(TopicSettings, OfIngestKnowOnlyCallbacksAndExpected) {
  TopicNames names;
  EXPECT_THAT(MistakesOf("topics: { callbacks: c, expected: e, seen: s }",
                         [&](const Section& root) { names = ReadTopicsOfIngest(root); }),
              ElementsAre("f.yaml:1:38: topics.seen: unknown key; known here: callbacks, "
                          "expected"));
  EXPECT_EQ(names.callbacks, "c");
  EXPECT_EQ(names.expected, "e");
}

}  // namespace
}  // namespace common::config
