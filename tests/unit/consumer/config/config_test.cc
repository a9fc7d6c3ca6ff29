#include "consumer/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temp_directory.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// The required keys of every configuration.
constexpr const char* kNeeded =
    "kafka: { bootstrap.servers: \"127.0.0.1:9092\" }\n"
    "assure: { base_url: \"https://api.test/assure\", token_url: \"https://api.test/token\", "
    "client_id: me, client_secret: hush }\n";

class ConfigTest : public ::testing::Test {
 protected:
  ConfigReading Read(const std::string& yaml) const {
    return ReadConfig(
        yaml,
        [this](const std::string& name) {
          const auto found = environment.find(name);
          return found == environment.end() ? std::nullopt : std::optional(found->second);
        },
        [](const std::string& /*name*/, const std::string& /*value*/) {
          return std::optional<std::string>();
        },
        host_name);
  }
  ConfigReading ReadWith(const std::string& yaml) const { return Read(kNeeded + yaml); }

  /// "key: message" for each mistake.
  static std::vector<std::string> Mistakes(const ConfigReading& reading) {
    std::vector<std::string> mistakes;
    for (const common::config::Problem& problem : reading.problems) {
      mistakes.push_back(problem.key + ": " + problem.message);
    }
    return mistakes;
  }

  std::map<std::string, std::string> environment;
  std::string host_name = "host-1.example";
  tests::TempDirectory directory;
};

TEST_F(ConfigTest, HasDocumentedDefaults) {
  const ConfigReading reading = ReadWith("");
  ASSERT_THAT(Mistakes(reading), IsEmpty());
  const Config& config = reading.config;
  EXPECT_EQ(common::config::ToText(config.admin), "127.0.0.1:9101");
  EXPECT_EQ(config.group, "sluice");
  EXPECT_EQ(config.instance, "host-1.example");
  EXPECT_EQ(config.lanes, 1);
  EXPECT_EQ(config.topics.seen, "callbacks.seen");
  EXPECT_EQ(config.commit_interval, milliseconds(500));
  EXPECT_EQ(config.fetch.scope, "signicat-api");
  EXPECT_TRUE(config.fetch.wants_process);
  EXPECT_TRUE(config.fetch.wants_dossier);
  EXPECT_EQ(config.fetch.timeout, milliseconds(10'000));
  EXPECT_EQ(config.fetch.max_in_flight, 256);
  EXPECT_EQ(config.max_pending, 50'000);
  EXPECT_EQ(config.fetch.max_age, hours(6));
  EXPECT_EQ(config.fetch.not_found_for, std::chrono::minutes(10));
  EXPECT_EQ(config.fetch.backoff.base, milliseconds(500));
  EXPECT_EQ(config.fetch.backoff.cap, milliseconds(60'000));
  EXPECT_EQ(config.fetch.rate_limit, 0);
  EXPECT_EQ(config.fetch.breaker_failures, 20);
  EXPECT_EQ(config.fetch.breaker_probe_every, milliseconds(10'000));
  EXPECT_EQ(config.fetch.max_response, 4U * 1024 * 1024);
  EXPECT_EQ(config.fetch.ids, IdRule::kRequired);
  EXPECT_EQ(config.fetch.publish, PublishMode::kFull);
  EXPECT_EQ(config.fetch.keep, std::nullopt);
  EXPECT_THAT(config.fetch.redact, IsEmpty());
  EXPECT_EQ(config.ca_file, "");
}

TEST_F(ConfigTest, AcceptsEveryKey) {
  environment["ASSURE_SECRET"] = "from-the-environment";
  const ConfigReading reading = Read(R"(
admin: 0.0.0.0:1234
group: g
instance: i
lanes: 3
kafka: { bootstrap.servers: "k:9092", session.timeout.ms: 20000 }
topics: { callbacks: c, seen: s, processes: p, dead: d }
commit_interval: 50ms
publish: reference
assure:
  base_url: http://api.test:8080/assure
  token_url: http://api.test:8080/token
  client_id: me
  client_secret: ${ASSURE_SECRET}
  scope: other
  ca_file: /dev/null
fetch:
  resources: [process]
  timeout: 5s
  max_in_flight: 9
  max_pending: 100
  max_age: 1h
  not_found_for: 1m
  backoff: { base: 1s, cap: 2s }
  rate_limit: 12.5
  breaker: { failures: 2, probe_every: 1s }
  max_response: 1MiB
  ids: if-present
  keep: [/process/finalResult, /process/features/*/name, /dossier/dossierId]
  redact: [/process/finalResult/personalIdentificationNumber, /dossier/a~1b]
providers:
  onfido: { dedup_window: 20h }
)");
  ASSERT_THAT(Mistakes(reading), IsEmpty());
  const Config& config = reading.config;
  EXPECT_EQ(config.lanes, 3);
  EXPECT_EQ(config.kafka.at("session.timeout.ms"), "20000");
  EXPECT_EQ(config.topics.dead, "d");
  EXPECT_EQ(config.commit_interval, milliseconds(50));
  EXPECT_EQ(config.fetch.client_secret, "from-the-environment");
  EXPECT_EQ(config.fetch.scope, "other");
  EXPECT_EQ(config.ca_file, "/dev/null");
  EXPECT_FALSE(config.fetch.wants_dossier);
  EXPECT_EQ(config.max_pending, 100);
  EXPECT_EQ(config.fetch.rate_limit, 12.5);
  EXPECT_EQ(config.fetch.breaker_failures, 2);
  EXPECT_EQ(config.fetch.ids, IdRule::kIfPresent);
  EXPECT_EQ(config.fetch.publish, PublishMode::kReference);
  ASSERT_TRUE(config.fetch.keep);
  EXPECT_THAT(*config.fetch.keep, ElementsAre("/process/finalResult", "/process/features/*/name",
                                              "/dossier/dossierId"));
  EXPECT_EQ(config.fetch.redact.size(), 2U);
  EXPECT_EQ(config.providers[config.providers.Resolve("onfido")].dedup_window, hours(20));
}

TEST_F(ConfigTest, ReadsSecretFromFile) {
  const auto file = directory.Write("secret", "from-the-file\n");
  const ConfigReading reading = Read(
      "kafka: { bootstrap.servers: \"k:9092\" }\nassure: { base_url: \"https://a\", token_url: "
      "\"https://t\", client_id: me, client_secret_file: " +
      file.string() + " }\n");
  ASSERT_THAT(Mistakes(reading), IsEmpty());
  EXPECT_EQ(reading.config.fetch.client_secret, "from-the-file");
}

TEST_F(ConfigTest, ReportsAllMistakesAtOnce) {
  const ConfigReading reading = ReadWith(
      "lanes: 0\ncommit_interval: 9ms\nfetch: { resources: [bodies], timeout: soon, ids: no, "
      "redact: [/x] "
      "}\nfecth: {}\n");
  EXPECT_THAT(Mistakes(reading),
              ElementsAre(HasSubstr("lanes"), HasSubstr("commit_interval"),
                          HasSubstr("fetch.resources: entry 1"), HasSubstr("fetch.resources"),
                          HasSubstr("fetch.timeout"), HasSubstr("fetch.ids"),
                          HasSubstr("fetch.redact: entry 1"), HasSubstr("fecth: unknown key")));
}

TEST_F(ConfigTest, KeepsNothingOfAnEmptyList) {
  const ConfigReading reading = ReadWith("fetch: { keep: [] }\n");
  ASSERT_THAT(Mistakes(reading), IsEmpty());
  ASSERT_TRUE(reading.config.fetch.keep);
  EXPECT_THAT(*reading.config.fetch.keep, IsEmpty());
}

// A list that cannot be read must not mean "everything".
TEST_F(ConfigTest, RefusesKeepThatIsNotAListOfPointers) {
  for (const std::string keep : {"", "all", "/process", "{ process: a }", "[process]", "[/]",
                                 "['']", "[/other/a]", "[/process/~2]", "[/*/a]", "[[/process]]"}) {
    SCOPED_TRACE(keep);
    const ConfigReading reading = ReadWith("fetch: { keep: " + keep + " }\n");
    EXPECT_THAT(Mistakes(reading), ElementsAre(HasSubstr("fetch.keep")));
  }
}

// It would remove nothing, and every value would be published.
TEST_F(ConfigTest, RefusesAStarInRedact) {
  for (const std::string pointer : {"/process/finalResult/documents/*/number", "/dossier/*"}) {
    SCOPED_TRACE(pointer);
    EXPECT_THAT(Mistakes(ReadWith("fetch: { redact: [/process/a, " + pointer + "] }\n")),
                ElementsAre(AllOf(HasSubstr("fetch.redact: entry 2"), HasSubstr("*"))));
  }
  EXPECT_THAT(Mistakes(ReadWith("fetch: { redact: [/process/a*b/**] }\n")), IsEmpty());
}

// keep closes the gaps in an array, so the index would name another element in each document.
TEST_F(ConfigTest, RefusesAnIndexInRedactBesideKeep) {
  for (const std::string pointer : {"/process/docs/1/number", "/process/docs/0", "/dossier/12/a"}) {
    SCOPED_TRACE(pointer);
    EXPECT_THAT(Mistakes(ReadWith("fetch: { keep: [\"/process/docs/*/number\"], redact: [" +
                                  pointer + "] }\n")),
                ElementsAre(AllOf(HasSubstr("fetch.redact: entry 1"), HasSubstr("index"))));
    EXPECT_THAT(Mistakes(ReadWith("fetch: { redact: [" + pointer + "] }\n")), IsEmpty());
  }
  EXPECT_THAT(Mistakes(ReadWith("fetch: { keep: [/process/a], redact: [/process/a/b2] }\n")),
              IsEmpty());
}

TEST_F(ConfigTest, RefusesAnUnknownFormOfResults) {
  for (const std::string publish : {"", "none", "Reference", "[full]"}) {
    SCOPED_TRACE(publish);
    EXPECT_THAT(Mistakes(ReadWith("publish: " + publish + "\n")),
                ElementsAre(HasSubstr("publish")));
  }
}

TEST_F(ConfigTest, RefusesUnreadableCaFile) {
  const ConfigReading reading = Read(
      "kafka: { bootstrap.servers: \"k:9092\" }\nassure: { base_url: \"https://a\", token_url: "
      "\"https://t\", client_id: me, client_secret: x, ca_file: /nowhere/ca.pem }\n");
  EXPECT_THAT(Mistakes(reading), ElementsAre(HasSubstr("assure.ca_file")));
}

TEST_F(ConfigTest, ReportsMissingRequiredKeys) {
  const std::vector<std::string> mistakes = Mistakes(Read("assure: { client_id: me }\n"));
  EXPECT_THAT(mistakes, ::testing::Contains(HasSubstr("bootstrap.servers")));
  EXPECT_THAT(mistakes, ::testing::Contains(HasSubstr("assure.base_url")));
  EXPECT_THAT(mistakes, ::testing::Contains(HasSubstr("assure.token_url")));
  EXPECT_THAT(mistakes, ::testing::Contains(HasSubstr("client_secret")));
  EXPECT_THAT(Mistakes(Read("kafka: { bootstrap.servers: \"k:9092\" }\n")),
              ElementsAre(HasSubstr("assure")));
}

TEST_F(ConfigTest, RefusesKafkaPropertiesThatPromisesDependOn) {
  for (const char* property :
       {"group.id", "group.instance.id", "transactional.id", "isolation.level",
        "enable.auto.commit", "enable.auto.offset.store", "enable.idempotence", "acks",
        "partitioner", "partition.assignment.strategy", "group.protocol",
        "group.remote.assignor"}) {
    const ConfigReading reading =
        Read("kafka: { bootstrap.servers: \"k:9092\", " + std::string(property) +
             ": x }\nassure: { base_url: \"https://a\", token_url: \"https://t\", client_id: me, "
             "client_secret: x }\n");
    EXPECT_THAT(Mistakes(reading), ElementsAre(HasSubstr(property))) << property;
  }
}

TEST_F(ConfigTest, RefusesInvalidGroupAndInstanceNames) {
  for (const std::string instance : {"a b", "a;b", "ä", "a/b"}) {
    EXPECT_THAT(Mistakes(ReadWith("instance: " + instance + "\n")),
                ElementsAre(HasSubstr("instance: must have")))
        << instance;
  }
  EXPECT_THAT(Mistakes(ReadWith("instance: " + std::string(246, 'a') + "\n")),
              ElementsAre(HasSubstr("instance: must have")));
  EXPECT_THAT(Mistakes(ReadWith("instance: " + std::string(245, 'a') + "\n")), IsEmpty());
  EXPECT_THAT(Mistakes(ReadWith("group: a;b\n")), ElementsAre(HasSubstr("group: must not")));
}

TEST_F(ConfigTest, RefusesHostNameThatIsNotAValidInstanceName) {
  host_name = "";
  EXPECT_THAT(Mistakes(ReadWith("")), ElementsAre(HasSubstr("instance: is missing")));
  EXPECT_THAT(Mistakes(ReadWith("instance: consumer-0\n")), IsEmpty());
}

TEST_F(ConfigTest, NeverShowsSecretInMistake) {
  const ConfigReading reading = Read(
      "kafka: { bootstrap.servers: \"k:9092\" }\nassure: { base_url: nonsense, client_secret: "
      "[hush-hush] "
      "}\n");
  ASSERT_THAT(reading.problems, Not(IsEmpty()));
  for (const std::string& mistake : Mistakes(reading)) {
    EXPECT_THAT(mistake, Not(HasSubstr("hush-hush")));
  }
}

TEST(ShareOf, DividesInstanceLimitsAmongLanes) {
  FetchSettings instance;
  instance.max_in_flight = 10;
  instance.rate_limit = 9;
  const FetchSettings share = ShareOf(instance, 3);
  EXPECT_EQ(share.max_in_flight, 3);
  EXPECT_EQ(share.rate_limit, 3);
  EXPECT_EQ(ShareOf(instance, 64).max_in_flight, 1) << "a lane without any would stop";
}

TEST_F(ConfigTest, DoubtsPointersBesideEventsThatAreEmbeddedAsTheyCame) {
  const auto doubts = [this](const std::string& yaml) {
    std::vector<std::string> texts;
    const ConfigReading reading = ReadWith(yaml);
    EXPECT_THAT(Mistakes(reading), IsEmpty());
    for (const auto& doubt : reading.doubts) texts.push_back(doubt.key + ": " + doubt.message);
    return texts;
  };
  const std::string none = "providers: { hooks: { kind: events, fetch: none } }\n";
  const std::string pointers = "fetch: { keep: [/process/id], redact: [/process/name] }\n";
  EXPECT_THAT(doubts(none + pointers),
              ElementsAre(AllOf(HasSubstr("keep: does not apply to the events of hooks"),
                                HasSubstr("publish: reference leaves them out")),
                          HasSubstr("redact: does not apply to the events of hooks")));
  EXPECT_THAT(doubts(none + pointers + "publish: reference\n"), IsEmpty());
  EXPECT_THAT(doubts(none + "fetch: { max_pending: 5 }\n"), IsEmpty());
  EXPECT_THAT(doubts(none), IsEmpty());
  EXPECT_THAT(doubts(pointers), IsEmpty()) << "callbacks alone";
}

}  // namespace
}  // namespace consumer
