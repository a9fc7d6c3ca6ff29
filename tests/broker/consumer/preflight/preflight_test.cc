// `--check --online` of the real binaries: what each mistake says, and that asking changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "tests/broker/security/acl_writer.h"
#include "tests/component/consumer/http/raw_server.h"
#include "tests/harness/assure_api.h"
#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using consumer::Answer;
using consumer::RawServer;
using consumer::TestCertificate;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr seconds kLimit{40};
constexpr const char* kNoLine = "\n";

/// A broker that wants TLS, a login and rights, with topics as planned; and an API.
class World {
 public:
  static World& Shared() {
    static World world;
    return world;
  }

  /// `more`: a property of the broker.
  explicit World(std::string more = "") : more_(std::move(more)) { Prepare(); }

  const std::string more_;  // First: the broker starts with it.
  const TestCertificate certificate{{.names = "IP:127.0.0.1", .valid_until = seconds(90 * 86'400)}};
  const TestCertificate expired{
      {.names = "IP:127.0.0.1", .valid_from = seconds(-172'800), .valid_until = seconds(-3'600)}};
  TempDirectory files;
  std::unique_ptr<Broker> broker = Start();
  AssureApi api{files.path(), {"--client", "me:hush-hush"}};

  [[nodiscard]] std::string Topics() const { return TopicsOf("well"); }
  [[nodiscard]] static std::string TopicsOf(const std::string& prefix) {
    return "topics: { callbacks: " + prefix + ".c, seen: " + prefix + ".s, processes: " + prefix +
           ".p, dead: " + prefix + ".d }\n";
  }

  void CreateTopics(const std::string& prefix) const {
    const std::string yaml =
        files.Write("plan.yaml", "kafka: { bootstrap.servers: \"" + broker->bootstrap() + "\" }\n" +
                                     TopicsOf(prefix));
    const Finished created = RunProgram(
        Binary("sluicectl"),
        {"topics", "create", "--config", yaml, "--partitions", "2", "--replication", "1"}, kLimit);
    if (created.status != 0) throw std::runtime_error(created.output + created.error_output);
  }

 private:
  void Prepare() {
    CreateTopics("well");
    using Resource = Allowance::Resource;
    using Operation = Allowance::Operation;
    std::vector<Allowance> allowed = {
        {Resource::kCluster, "kafka-cluster", Operation::kDescribe, "User:sluice"},
        {Resource::kGroup, "sluice", Operation::kRead, "User:sluice"},
        {Resource::kTransactionalId, "sluice.consumer-0-0", Operation::kWrite, "User:sluice"},
        {Resource::kTransactionalId, "sluice.consumer-0-0.repair", Operation::kWrite,
         "User:sluice"},
        {Resource::kGroup, "sluice.consumer-0-0.repair", Operation::kRead, "User:sluice"},
        {Resource::kTopic, "well.c", Operation::kRead, "User:poor"},
        {Resource::kCluster, "kafka-cluster", Operation::kDescribe, "User:poor"}};
    for (const char* topic : {"well.c", "well.s", "well.p", "well.d"}) {
      for (const Operation operation :
           {Operation::kRead, Operation::kWrite, Operation::kDescribeConfigs}) {
        allowed.push_back({Resource::kTopic, topic, operation, "User:sluice"});
      }
      allowed.push_back({Resource::kTopic, topic, Operation::kDescribeConfigs, "User:poor"});
    }
    Allow(broker->bootstrap(), allowed);
  }

  std::string KeyStore(const std::string& name, const TestCertificate& shown) const {
    return files.Write(name, ReadFile(shown.key_file()) + ReadFile(shown.file()));
  }

  std::unique_ptr<Broker> Start() const {
    const std::string logins =
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_sluice=\"s3cret\" "
        "user_poor=\"s3cret\";";
    std::vector<std::string> properties = {
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
        "listener.name.ssl.ssl.keystore.type=PEM",
        "listener.name.ssl.ssl.keystore.location=" + KeyStore("expired.pem", expired),
        "listener.name.sasl_ssl.ssl.keystore.type=PEM",
        "listener.name.sasl_ssl.ssl.keystore.location=" + KeyStore("good.pem", certificate),
        "listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config=" + logins};
    if (!more_.empty()) properties.push_back(more_);
    return Broker::Start(1, properties, {"SSL", "SASL_SSL"});
  }
};

/// All topics with the sum of their ends, and all groups.
std::set<std::string> Everything() {
  World& world = World::Shared();
  const common::kafka::Properties properties = {{"bootstrap.servers", world.broker->bootstrap()}};
  auto conf = common::kafka::BuildConf({&properties});
  const auto client = common::kafka::NewProducer(*std::move(conf));
  constexpr int kLimitMs = 20'000;
  std::set<std::string> all;
  const rd_kafka_metadata_t* answer = nullptr;
  if (rd_kafka_metadata(client->get(), 1, nullptr, &answer, kLimitMs) != 0) {
    throw std::runtime_error("no metadata");
  }
  const common::kafka::Metadata metadata(answer);
  for (const auto& topic : std::span(answer->topics, static_cast<std::size_t>(answer->topic_cnt))) {
    std::int64_t ends = 0;
    for (int partition = 0; partition < topic.partition_cnt; ++partition) {
      std::int64_t low = 0;
      std::int64_t high = -1;
      const auto is_known = [&] {  // A new topic's leader is not known immediately.
        return rd_kafka_query_watermark_offsets(client->get(), topic.topic, partition, &low, &high,
                                                kLimitMs) == RD_KAFKA_RESP_ERR_NO_ERROR;
      };
      if (!WaitUntil(is_known, seconds(40))) throw std::runtime_error("no end of a partition");
      ends += high;
    }
    all.insert(std::string("topic ") + topic.topic + " " + std::to_string(ends));
  }
  const rd_kafka_group_list* groups = nullptr;
  if (rd_kafka_list_groups(client->get(), nullptr, &groups, kLimitMs) == 0) {
    for (const auto& group :
         std::span(groups->groups, static_cast<std::size_t>(groups->group_cnt))) {
      all.insert(std::string("group ") + group.group);
    }
    rd_kafka_group_list_destroy(groups);
  }
  return all;
}

std::string Joined(const std::map<std::string, std::string>& values) {
  std::string text;
  for (const auto& [key, value] : values) {
    text += (text.empty() ? "" : ", ") + key + ": \"" + value + "\"";
  }
  return text;
}

/// `limits`: shell commands before the program.
Finished RunPreflight(const std::string& program, const std::map<std::string, std::string>& kafka,
                      const std::string& yaml, const std::string& limits = "") {
  const TempDirectory files;
  const std::string file =
      files.Write(program + ".yaml", "kafka: { " + Joined(kafka) + " }\n" + yaml);
  Finished run = RunProgram(
      "/bin/bash",
      {"-c", limits + " exec " + Binary(program) + " --check --online --config " + file}, kLimit);
  EXPECT_THAT(run.output + run.error_output,
              Not(::testing::AnyOf(HasSubstr("hush-hush"), HasSubstr("s3cret"))));
  return run;
}

class Preflight : public ::testing::Test {
 protected:
  World& world = World::Shared();
  TempDirectory files;

  /// The configuration: right, unless a test changes it.
  std::map<std::string, std::string> kafka = {
      {"bootstrap.servers", world.broker->bootstrap("SASL_SSL")},
      {"security.protocol", "SASL_SSL"},
      {"ssl.ca.location", world.certificate.file()},
      {"sasl.mechanism", "PLAIN"},
      {"sasl.username", "sluice"},
      {"sasl.password", "s3cret"}};
  std::string topics = world.Topics();
  std::string group = "sluice";
  std::map<std::string, std::string> assure = {
      {"base_url", "http://" + world.api.address() + "/assure"},
      {"token_url", "http://" + world.api.address() + "/auth/open/connect/token"},
      {"client_id", "me"},
      {"client_secret", "hush-hush"}};
  std::string providers = "onfido: { authorization: [\"Bearer hush-hush\"] }";
  std::string more;
  std::string limits;  ///< Shell commands before the program.

  void UsePlaintext() { kafka = {{"bootstrap.servers", world.broker->bootstrap()}}; }

  Finished Consumer() {
    return Run("consumer", "group: " + group + "\ninstance: consumer-0\n" + topics + "assure: { " +
                               Joined(assure) + " }\n");
  }
  Finished Ingest() {
    const std::string callbacks = topics.substr(0, topics.find(','));
    return Run("ingest", callbacks + " }\nproviders: { " + providers + " }\n" + more);
  }

 private:
  Finished Run(const std::string& program, const std::string& yaml) const {
    return RunPreflight(program, kafka, yaml, limits);
  }
};

/// The line of a check.
std::string LineOf(const Finished& run, const std::string& check) {
  for (const char* verdict : {"ok ", "warning ", "unasked ", "wrong "}) {
    const std::string begin = verdict + check + ": ";
    const std::size_t at = run.output.find(begin);
    if (at == std::string::npos || (at > 0 && run.output[at - 1] != '\n')) continue;
    return run.output.substr(at, run.output.find('\n', at) - at);
  }
  return kNoLine;
}

/// The names of the lines, in order.
std::string NamesOf(const Finished& run) {
  std::string names;
  for (std::size_t at = 0; at < run.output.size(); at = run.output.find('\n', at) + 1) {
    const std::size_t begin = run.output.find(' ', at) + 1;
    names += run.output.substr(begin, run.output.find(':', begin) - begin) + " ";
  }
  return names;
}

TEST_F(Preflight, OfConsumerIsWellWithStatusZeroAndNamesItsRights) {
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 0) << run.output << run.error_output;
  EXPECT_EQ(NamesOf(run), "topics acks acl tls sasl token api clock descriptors ");
  EXPECT_EQ(LineOf(run, "topics"),
            "ok topics: well.c has 2 partitions; well.s has 2 partitions; well.p has 2 partitions; "
            "well.d has 6 partitions");
  EXPECT_EQ(
      LineOf(run, "acl"),
      "ok acl: User:sluice has Read on topic well.c, Read on topic well.s, Write on topic "
      "well.s, Write on topic well.p, Write on topic well.d, Read on topic well.p, Read on "
      "topic well.d, Read on group sluice, Write on transactional id sluice.consumer-0-0, Write on "
      "transactional id sluice.consumer-0-0.repair, Read on group sluice.consumer-0-0.repair");
  EXPECT_THAT(LineOf(run, "acks"), StartsWith("warning acks: well.c has one copy"));
  EXPECT_EQ(LineOf(run, "tls"),
            "ok tls: Kafka's certificates are trusted, valid, and for its names");
  EXPECT_EQ(LineOf(run, "sasl"), "ok sasl: Kafka accepts the login as User:sluice");
  EXPECT_EQ(LineOf(run, "token"), "ok token: http://" + world.api.address() + " gives a token");
  EXPECT_THAT(LineOf(run, "api"), StartsWith("ok api: "));
  EXPECT_THAT(LineOf(run, "clock"), StartsWith("ok clock: "));
}

TEST_F(Preflight, OfIngestIsWellWithStatusZero) {
  more = "spool: { path: " + (files.path() / "spool.db").string() +
         ", max_bytes: 2MiB, min_free_disk: 1KiB }\n";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 0) << run.output << run.error_output;
  EXPECT_EQ(NamesOf(run), "topics acks acl tls sasl clock spool descriptors ");
  EXPECT_EQ(LineOf(run, "acl"), "ok acl: User:sluice has Write on topic well.c");
}

TEST_F(Preflight, OfIngestAsksForTheTopicOfAnnouncementsWhereItTakesThem) {
  const std::string secrets = files.Write("expected", "secret\n");
  more = "expected: { path: /expected, authorization_file: " + secrets + " }\n";
  const Finished denied = Ingest();
  EXPECT_EQ(denied.status, 2) << denied.output << denied.error_output;
  EXPECT_THAT(LineOf(denied, "acl"), HasSubstr("Write on topic well.c.expected"));

  UsePlaintext();
  const Finished well = Ingest();
  EXPECT_EQ(well.status, 1) << "a super user's rights are unknown\n"
                            << well.output << well.error_output;
  EXPECT_EQ(LineOf(well, "topics"),
            "ok topics: well.c has 2 partitions; well.c.expected has 2 partitions");
  topics = World::TopicsOf("none");
  EXPECT_THAT(LineOf(Ingest(), "topics"), HasSubstr("none.c.expected does not exist"));
}

TEST_F(Preflight, ChangesNothing) {
  more = "spool: { path: " + (files.path() / "spool/spool.db").string() + " }\n";
  std::filesystem::create_directory(files.path() / "spool");
  const std::set<std::string> before = Everything();
  EXPECT_THAT(before, ::testing::Contains("topic well.c 0"));
  EXPECT_NE(Consumer().status, std::nullopt);
  EXPECT_NE(Ingest().status, std::nullopt);
  EXPECT_EQ(Everything(), before);
  EXPECT_TRUE(std::filesystem::is_empty(files.path() / "spool"));
}

TEST_F(Preflight, NamesAMissingTopic) {
  topics = World::TopicsOf("none");
  UsePlaintext();
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(LineOf(run, "topics"),
            "wrong topics: none.c does not exist: create it with `sluicectl topics create`");
}

TEST_F(Preflight, NamesPartitionCountsThatDiffer) {
  KafkaClient client(world.broker->bootstrap());
  for (const auto& [name, partitions] :
       {std::pair{"odd.c", 2}, {"odd.s", 2}, {"odd.p", 1}, {"odd.d", 1}}) {
    client.CreateTopic(name, {.partitions = partitions});
  }
  topics = World::TopicsOf("odd");
  UsePlaintext();
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "topics"),
              StartsWith("wrong topics: odd.p has 1 partitions, but odd.c has 2: add partitions to "
                         "odd.p"));
}

TEST_F(Preflight, NamesMoreInSyncReplicasThanThereAre) {
  KafkaClient client(world.broker->bootstrap());
  client.CreateTopic("many.c", {.configs = {{"min.insync.replicas", "2"}}});
  topics = World::TopicsOf("many");
  UsePlaintext();
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "acks"), StartsWith("wrong acks: many.c has min.insync.replicas=2 but 1 "
                                              "replicas, so Kafka accepts no record"));
}

TEST_F(Preflight, NamesTheRightsThatAreMissing) {
  kafka["sasl.username"] = "poor";
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(
      LineOf(run, "acl"),
      AllOf(StartsWith("wrong acl: User:poor lacks "), HasSubstr("Write on topic well.p"),
            HasSubstr("Read on topic well.s"), HasSubstr("Read on group sluice"),
            Not(HasSubstr("Read on topic well.c")), HasSubstr(": allow it with kafka-acls")));
}

/// The broker's answer to a client that asks about a topic's first partition.
rd_kafka_resp_err_t AskForEnd(const common::kafka::Properties& properties,
                              const std::string& topic) {
  auto conf = common::kafka::BuildConf({&properties});
  const auto client = common::kafka::NewProducer(*std::move(conf));
  constexpr int kLimitMs = 20'000;
  std::int64_t low = 0;
  std::int64_t high = 0;
  return rd_kafka_query_watermark_offsets(client->get(), topic.c_str(), 0, &low, &high, kLimitMs);
}

TEST(PreflightOfPermissiveBrokers, LeavesRightsOnNamesWithoutAclsUnasked) {
  const World permissive("allow.everyone.if.no.acl.found=true");
  permissive.CreateTopics("free");
  const common::kafka::Properties poor = {
      {"bootstrap.servers", permissive.broker->bootstrap("SASL_SSL")},
      {"security.protocol", "SASL_SSL"},
      {"ssl.ca.location", permissive.certificate.file()},
      {"sasl.mechanism", "PLAIN"},
      {"sasl.username", "poor"},
      {"sasl.password", "s3cret"}};
  const auto check = [&](const std::string& topics, const std::string& group) {
    return RunPreflight("consumer", poor,
                        "group: " + group + "\ninstance: consumer-0\n" + World::TopicsOf(topics) +
                            "assure: { base_url: \"http://" + permissive.api.address() +
                            "/assure\", token_url: \"http://" + permissive.api.address() +
                            "/auth/open/connect/token\", client_id: me, client_secret: hush-hush "
                            "}\n");
  };
  // One topic has ACLs. The others have none, and Kafka allows everything on them.
  ASSERT_TRUE(
      WaitUntil([&] { return AskForEnd(poor, "free.s") == RD_KAFKA_RESP_ERR_NO_ERROR; }, kLimit));
  EXPECT_NE(AskForEnd(poor, "well.s"), RD_KAFKA_RESP_ERR_NO_ERROR) << "others have its rights";
  const Finished free = check("free", "free");
  EXPECT_THAT(LineOf(free, "acl"),
              AllOf(StartsWith("unasked acl: "), HasSubstr("Write on topic free.p"),
                    HasSubstr("Write on transactional id free.consumer-0-0")))
      << free.output;
  EXPECT_EQ(free.status, 1) << free.output;
  const Finished named = check("well", "sluice");
  EXPECT_THAT(LineOf(named, "acl"),
              AllOf(StartsWith("wrong acl: User:poor lacks "), HasSubstr("Write on topic well.p")))
      << named.output;
  EXPECT_EQ(named.status, 2) << named.output;
}

TEST_F(Preflight, HasNoAclLineWhereNothingChecksRights) {
  kafka = {{"bootstrap.servers", Broker::Shared().bootstrap()}};
  EXPECT_EQ(LineOf(Ingest(), "acl"), kNoLine);
}

TEST_F(Preflight, LeavesTheRightsOfASuperUserUnasked) {
  UsePlaintext();
  const Finished run = Ingest();
  EXPECT_EQ(run.status, RD_KAFKA_VERSION >= 0x020300ff ? 0 : 1) << run.output;
}

TEST_F(Preflight, NamesAnExpiredCertificate) {
  kafka = {{"bootstrap.servers", world.broker->bootstrap("SSL")},
           {"security.protocol", "SSL"},
           {"ssl.ca.location", world.expired.file()}};
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "tls"),
              AllOf(StartsWith("wrong tls: the certificate of " + world.broker->bootstrap("SSL") +
                               " is refused (certificate has expired on "),
                    EndsWith("it has expired; renew it on that host")));
  EXPECT_EQ(LineOf(run, "topics"), "unasked topics: Kafka was not asked: see tls");
}

TEST_F(Preflight, NamesAnUnknownAuthority) {
  kafka["ssl.ca.location"] = world.expired.file();
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "tls"),
              HasSubstr("(self-signed certificate): no trusted authority has signed it; name the "
                        "right one in kafka.ssl.ca.location"));
  EXPECT_EQ(LineOf(run, "sasl"), "unasked sasl: no login was tried: see tls");
}

TEST_F(Preflight, NamesACertificateOfAnotherName) {
  const std::string address = world.broker->bootstrap("SASL_SSL");
  kafka["bootstrap.servers"] = "localhost" + address.substr(address.find(':'));
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "tls"),
              HasSubstr("(hostname mismatch; it is for 127.0.0.1): it is not for this name"));
}

TEST_F(Preflight, NamesAPortWithoutTls) {
  kafka["bootstrap.servers"] = world.broker->bootstrap();
  const Finished run = Ingest();
  EXPECT_NE(run.status, 0);  // It closes the connection, as a broker that stops does.
  EXPECT_THAT(LineOf(run, "tls"), HasSubstr("that port does not speak TLS"));
}

TEST_F(Preflight, NamesAPortThatWantsTls) {
  kafka = {{"bootstrap.servers", world.broker->bootstrap("SASL_SSL")}};
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 1);  // It closes the connection, as a broker that stops does.
  EXPECT_THAT(
      LineOf(run, "topics"),
      AllOf(StartsWith("unasked topics: no broker answers at "),
            EndsWith("set kafka.security.protocol to what the port speaks, if the broker is up")));
}

TEST_F(Preflight, NamesAWrongPassword) {
  kafka["sasl.password"] = "guess";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "sasl"),
              AllOf(StartsWith("wrong sasl: Kafka refuses the login ("),
                    HasSubstr("Invalid username or password"),
                    HasSubstr("correct kafka.sasl.username and kafka.sasl.password")));
  EXPECT_THAT(LineOf(run, "tls"), StartsWith("ok tls: "));
}

TEST_F(Preflight, NamesAMechanismThatTheBrokerLacks) {
  kafka["sasl.mechanism"] = "SCRAM-SHA-256";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "sasl"),
              HasSubstr("set kafka.sasl.mechanism to one that the broker has"));
}

TEST_F(Preflight, EndsWithStatusOneIfNobodyAnswers) {
  kafka = {{"bootstrap.servers", "127.0.0.1:1"}};
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(LineOf(run, "topics"), HasSubstr("no broker answers at 127.0.0.1:1 ("));
}

TEST_F(Preflight, NamesABrokerThatDoesNotAnswer) {
  const auto cluster = Broker::Start(3, {"broker.session.timeout.ms=60000"});
  KafkaClient(cluster->bootstrap()).CreateTopic("three.c", {.replication = 3});
  // The last one is neither asked first nor needed for a quorum.
  const std::string first = cluster->bootstrap().substr(0, cluster->bootstrap().find(','));
  const std::string last = cluster->bootstrap().substr(cluster->bootstrap().rfind(',') + 1);
  cluster->Freeze(3);
  kafka = {{"bootstrap.servers", first}};
  topics = World::TopicsOf("three");
  const Finished run = Ingest();
  cluster->Thaw(3);
  EXPECT_EQ(run.status, 2) << run.output;
  EXPECT_THAT(run.output,
              HasSubstr("the cluster names the broker " + last + ", which does not answer ("));
}

TEST_F(Preflight, NamesAWrongClientSecret) {
  assure["client_secret"] = "guess";
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(LineOf(run, "token"),
            "wrong token: http://" + world.api.address() +
                " answers 401 (invalid_client): correct assure.client_id, assure.client_secret and "
                "assure.scope");
  EXPECT_EQ(LineOf(run, "api"), "unasked api: no token: see token");
}

TEST_F(Preflight, NamesAWrongTokenUrl) {
  assure["token_url"] = "http://" + world.api.address() + "/assure/token";
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "token"), StartsWith("wrong token: "));
}

struct ApiRow {
  const char* name;
  const char* behaviour;
  int status;
  const char* line;
};
void PrintTo(const ApiRow& row, std::ostream* out) { *out << row.name; }

class PreflightOfTheApi : public Preflight, public ::testing::WithParamInterface<ApiRow> {};

TEST_P(PreflightOfTheApi, ReportsTheAnswer) {
  world.api.Behave(GetParam().behaviour);
  const Finished run = Consumer();
  world.api.Behave("{}");
  EXPECT_EQ(run.status, GetParam().status) << run.output;
  EXPECT_THAT(LineOf(run, "api"), HasSubstr(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PreflightOfTheApi,
    ::testing::Values(ApiRow{"not_found", R"({"missing":1})", 0,
                             "answers 404 for ids that nobody has, as it should"},
                      ApiRow{"unauthorized", R"({"status":401,"error_rate":1})", 2,
                             "answers 401: the API does not take the token"},
                      ApiRow{"forbidden", R"({"status":403,"error_rate":1})", 2,
                             "answers 403: this client may not read dossiers"},
                      ApiRow{"redirect", R"({"status":307,"error_rate":1})", 2,
                             "answers 307, a redirect, which is never followed"},
                      ApiRow{"page", R"({"body":"page"})", 2, "answers 200 with a page for people"},
                      ApiRow{"busy", R"({"status":503,"error_rate":1})", 1,
                             "answers 503, which says nothing of this client's rights"}),
    [](const auto& row) { return row.param.name; });

/// Answers as the token endpoint and the API do, with this Date.
RawServer::Script ApiWithDate(const std::string& date) {
  return [date](const std::string& request) {
    const bool is_token = request.starts_with("POST ");
    const std::string fields = "Content-Type: application/json\r\nDate: " + date + "\r\n";
    return RawServer::Reply{is_token
                                ? Answer(200, R"({"access_token":"t","expires_in":60})", fields)
                                : Answer(404, R"({"title":"none"})", fields)};
  };
}

TEST_F(Preflight, NamesAClockThatIsWrong) {
  RawServer server(ApiWithDate("Sun, 06 Nov 1994 08:49:37 GMT"));
  assure["base_url"] = server.Url("/assure");
  assure["token_url"] = server.Url("/token");
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "clock"),
              AllOf(StartsWith("wrong clock: this machine's clock is "),
                    HasSubstr(" ahead of the Date of "), EndsWith("keep it right with NTP")));
}

TEST_F(Preflight, NamesTheApisCertificates) {
  const TestCertificate old(
      {.names = "IP:127.0.0.1", .valid_from = seconds(-172'800), .valid_until = seconds(-3'600)});
  const TestCertificate elsewhere({.names = "DNS:elsewhere.test"});
  RawServer expired(ApiWithDate(""), &old);
  RawServer misnamed(ApiWithDate(""), &elsewhere);
  assure["base_url"] = expired.Url("/assure");
  assure["token_url"] = expired.Url("/token");
  assure["ca_file"] = old.file();
  const Finished run = Consumer();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "tls"),
              AllOf(StartsWith("wrong tls: "), HasSubstr("it has expired; renew it")));
  EXPECT_THAT(LineOf(run, "token"), StartsWith("unasked token: "));

  assure["token_url"] = misnamed.Url("/token");
  assure["ca_file"] = elsewhere.file();
  EXPECT_THAT(LineOf(Consumer(), "tls"), HasSubstr("it is not for this name"));
  assure["ca_file"] = world.certificate.file();
  EXPECT_THAT(
      LineOf(Consumer(), "tls"),
      HasSubstr("no trusted authority has signed it; name the right one in assure.ca_file"));
  EXPECT_EQ(expired.requests() + misnamed.requests(), 0) << "no secret goes there";
}

TEST_F(Preflight, AcceptsACertificateOfTheApi) {
  const TestCertificate certificate({.names = "IP:127.0.0.1"});
  RawServer server(ApiWithDate(""), &certificate);
  assure["base_url"] = server.Url("/assure");
  assure["token_url"] = server.Url("/token");
  assure["ca_file"] = certificate.file();
  const Finished run = Consumer();
  EXPECT_EQ(LineOf(run, "api"),
            "ok api: " + server.Url("") + " answers 404 for ids that nobody has, as it should");
  EXPECT_THAT(LineOf(run, "tls"), StartsWith("ok tls: "));
  EXPECT_THAT(LineOf(run, "clock"), StartsWith("unasked clock: "));
  EXPECT_EQ(run.status, 1);
}

TEST_F(Preflight, NamesAMissingSpoolFolder) {
  more = "spool: { path: " + (files.path() / "none/spool.db").string() + " }\n";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(LineOf(run, "spool"), "wrong spool: the folder " + (files.path() / "none").string() +
                                      " of spool.path does not exist: create it");
}

TEST_F(Preflight, NamesAFullDisk) {
  more =
      "spool: { path: " + (files.path() / "spool.db").string() + ", min_free_disk: 1000000GiB }\n";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(LineOf(run, "spool"),
              HasSubstr("so the spool takes nothing: free space, or name another disk"));
}

TEST_F(Preflight, WarnsOfFewDescriptors) {
  limits = "ulimit -n 512;";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(LineOf(run, "descriptors"),
            "warning descriptors: 512 open files are allowed, but max_connections may need 20000: "
            "raise LimitNOFILE= of the unit, or `ulimit -n`, to 20000");
}

TEST_F(Preflight, WarnsOfProvidersThatNeedASpool) {
  providers = "paper: { authorization: [a] }";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_THAT(LineOf(run, "spool"),
              StartsWith("warning spool: none is configured, so callbacks of paper"));
}

TEST_F(Preflight, ExitsWith2WithoutAskingIfConfigurationIsInvalid) {
  more = "no_such_key: 1\n";
  const Finished run = Ingest();
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(run.output, "");
}

}  // namespace
}  // namespace tests
