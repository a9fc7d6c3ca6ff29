#include "common/preflight/kafka_sight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <ostream>

namespace common::preflight {
namespace {

using access::ShownCertificate;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr WallTime kNow{1'790'000'000s};

/// A cluster with the topic `callbacks` as planned, and no authorizer.
KafkaSight Planned() {
  KafkaSight sight;
  kafka::ClusterFacts facts;
  facts.brokers = 3;
  kafka::TopicFacts& topic = facts.topics["callbacks"];
  topic.partitions = 12;
  topic.replication = 3;
  topic.in_sync = 3;
  const auto specs = PlanTopics({}, {});
  topic.config = {specs[0].config.begin(), specs[0].config.end()};
  sight.facts = std::move(facts);
  sight.rights.authorizer = RightsSight::Authorizer::kNone;
  return sight;
}

KafkaNeeds Needs(kafka::Properties properties = {}) {
  return {.properties = std::move(properties), .topics = {}, .of_topics = {}};
}

std::string Lines(const KafkaSight& sight, const KafkaNeeds& needs = Needs()) {
  Report report;
  JudgeKafka(needs, sight, kNow, report);
  return report.Render();
}

const kafka::Properties kTls = {{"security.protocol", "SSL"}};
const kafka::Properties kSasl = {
    {"security.protocol", "sasl_plaintext"}, {"sasl.mechanism", "PLAIN"}, {"sasl.username", "me"}};

KafkaSight Silent(const std::string& code, const std::string& text) {
  KafkaSight sight;
  sight.unanswered = "no broker answers at k:1 (" + text + ")";
  sight.troubles = {{code, text}};
  return sight;
}

TEST(KafkaSight, IsWellIfTopicsAreAsPlanned) {
  EXPECT_EQ(Lines(Planned()),
            "ok topics: callbacks has 12 partitions\n"
            "ok acks: callbacks has 3 replicas in sync and needs 2\n");
}

TEST(KafkaSight, HasLinesForTlsAndSaslOnlyWhereTheyAreUsed) {
  EXPECT_THAT(Lines(Planned(), Needs(kTls)), AllOf(HasSubstr("ok tls: "), Not(HasSubstr("sasl"))));
  EXPECT_THAT(
      Lines(Planned(), Needs(kSasl)),
      AllOf(HasSubstr("ok sasl: Kafka accepts the login as User:me\n"), Not(HasSubstr("tls"))));
}

TEST(KafkaSight, NamesAMissingTopic) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"] = {};
  sight.facts->topics["callbacks"].access = kafka::TopicFacts::Access::kMissing;
  EXPECT_EQ(Lines(sight),
            "wrong topics: callbacks does not exist: create it with `sluicectl topics create`\n"
            "unasked acks: callbacks is not visible: see topics\n");
}

TEST(KafkaSight, NamesAcksOfOneCopy) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"].config["min.insync.replicas"] = "1";
  EXPECT_THAT(Lines(sight),
              HasSubstr("wrong acks: callbacks has min.insync.replicas=1, so one copy "
                        "suffices for an ack: set it to 2\n"));
}

TEST(KafkaSight, NamesTooFewReplicasInSync) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"].in_sync = 1;
  EXPECT_THAT(Lines(sight),
              HasSubstr("wrong acks: callbacks has 1 replicas in sync and needs 2 for "
                        "an ack: start the brokers that are down\n"));
}

TEST(KafkaSight, NamesMoreReplicasForAnAckThanThereAre) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"].replication = 2;
  sight.facts->topics["callbacks"].config["min.insync.replicas"] = "3";
  EXPECT_THAT(Lines(sight), HasSubstr("wrong acks: callbacks has min.insync.replicas=3 but 2 "
                                      "replicas, so Kafka accepts no record"));
}

TEST(KafkaSight, NamesPartitionsWithoutALeader) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"].leaderless = 4;
  EXPECT_THAT(Lines(sight), HasSubstr("wrong acks: callbacks has 4 partitions without a leader"));
}

TEST(KafkaSight, ReportsHiddenTopicConfigAsUnasked) {
  KafkaSight sight = Planned();
  sight.facts->topics["callbacks"].config.clear();
  sight.facts->topics["callbacks"].is_config_denied = true;
  EXPECT_THAT(Lines(sight),
              AllOf(HasSubstr("unasked topics: callbacks has an unreadable config"),
                    HasSubstr("unasked acks: callbacks does not show its min.insync")));
}

TEST(KafkaSight, NamesABrokerThatDoesNotAnswerWhereItSaysItIs) {
  KafkaSight sight = Planned();
  sight.silent = {{"inner-2:9092", "Failed to resolve"}};
  EXPECT_THAT(Lines(sight), HasSubstr("wrong topics: the cluster names the broker inner-2:9092, "
                                      "which does not answer (Failed to resolve): open the way"));
}

TEST(KafkaSight, IsUnaskedIfNobodyAnswers) {
  EXPECT_EQ(
      Lines(Silent("FAIL", "Connection refused")),
      "unasked topics: no broker answers at k:1 (Connection refused): see to the address, the "
      "network and the brokers\n"
      "unasked acks: see topics\n");
}

TEST(KafkaSight, LeavesUnaskedAPortThatClosesAndMaySpeakAnotherProtocol) {
  EXPECT_THAT(Lines(Silent("FAIL", "Disconnected: verify that security.protocol is correct")),
              HasSubstr("unasked topics: no broker answers at k:1 (Disconnected: verify that "
                        "security.protocol is correct): set kafka.security.protocol to what the "
                        "port speaks, if the broker is up\n"));
}

TEST(KafkaSight, LeavesSaslUnaskedIfTlsFails) {
  kafka::Properties both = kSasl;
  both["security.protocol"] = "SASL_SSL";
  KafkaSight sight = Silent("_SSL", "SSL handshake failed: certificate verify failed");
  sight.certificates = {{.host = "k:1", .error = X509_V_ERR_CERT_HAS_EXPIRED, .valid_until = kNow}};
  EXPECT_EQ(Lines(sight, Needs(both)),
            "unasked topics: Kafka was not asked: see tls\n"
            "unasked acks: see topics\n"
            "wrong tls: the certificate of k:1 is refused (certificate has expired on 2026-09-21): "
            "it has expired; renew it on that host\n"
            "unasked sasl: no login was tried: see tls\n");
}

struct Refusal {
  const char* name;
  ShownCertificate certificate;
  const char* text;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class RefusedCertificate : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedCertificate, IsReportedWithAdvice) {
  KafkaSight sight = Silent("_SSL", "SSL handshake failed");
  sight.certificates = {GetParam().certificate};
  EXPECT_THAT(Lines(sight, Needs(kTls)), HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedCertificate,
    testing::Values(
        Refusal{
            "of_another_name",
            {.host = "k:1", .error = X509_V_ERR_HOSTNAME_MISMATCH, .names = "kafka-1, 10.0.0.1"},
            "(hostname mismatch; it is for kafka-1, 10.0.0.1): it is not for this name"},
        Refusal{"of_another_address",
                {.host = "10.0.0.9:1", .error = X509_V_ERR_IP_ADDRESS_MISMATCH, .subject = "CN=k"},
                "(IP address mismatch; it is for CN=k): it is not for this name"},
        Refusal{"of_an_unknown_authority",
                {.host = "k:1", .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
                "no trusted authority has signed it; name the right one in kafka.ssl.ca.location"},
        Refusal{"self_signed",
                {.host = "k:1", .error = X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
                "no trusted authority has signed it"},
        Refusal{"not_valid_yet",
                {.host = "k:1", .error = X509_V_ERR_CERT_NOT_YET_VALID},
                "it is not valid yet"},
        Refusal{"of_an_authority",
                {.host = "k:1",
                 .is_leaf = false,
                 .error = X509_V_ERR_CERT_HAS_EXPIRED,
                 .subject = "CN=our-ca"},
                "the certificate of k:1 (its authority CN=our-ca) is refused"},
        Refusal{"with_another_fault",
                {.host = "k:1", .error = X509_V_ERR_CERT_REVOKED},
                "see to its chain and kafka.ssl.ca.location"}),
    [](const auto& row) { return row.param.name; });

TEST(KafkaSight, WarnsOfACertificateThatExpiresSoon) {
  KafkaSight sight = Planned();
  sight.certificates = {{.host = "k:1", .valid_until = kNow + 13 * 24h}};
  EXPECT_THAT(Lines(sight, Needs(kTls)),
              HasSubstr("warning tls: the certificate of k:1 expires on 2026-10-04: renew it\n"));
  sight.certificates = {{.host = "k:1", .valid_until = kNow + 15 * 24h}};
  EXPECT_THAT(Lines(sight, Needs(kTls)), HasSubstr("ok tls: "));
}

TEST(KafkaSight, WarnsOfVerificationThatIsSwitchedOff) {
  kafka::Properties properties = kTls;
  properties["enable.ssl.certificate.verification"] = "false";
  EXPECT_THAT(Lines(Planned(), Needs(properties)), HasSubstr("warning tls: kafka.enable.ssl."));
}

struct Trouble {
  const char* name;
  const char* text;
  const char* advice;
};
void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

class Handshake : public testing::TestWithParam<Trouble> {};

TEST_P(Handshake, HasItsAdvice) {
  EXPECT_THAT(Lines(Silent("_SSL", GetParam().text), Needs(kTls)),
              AllOf(HasSubstr("wrong tls: "), HasSubstr(GetParam().advice)));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Handshake,
    testing::Values(Trouble{"plain_port", "SSL handshake failed: wrong version number",
                            "that port does not speak TLS"},
                    Trouble{"client_certificate", "sslv3 alert bad certificate",
                            "the broker wants a client certificate"},
                    Trouble{"other", "no shared cipher", "compare versions, ciphers"}),
    [](const auto& row) { return row.param.name; });

class CutOff : public testing::TestWithParam<Trouble> {};

TEST_P(CutOff, IsUnaskedAndOnlyAWarningIfOtherConnectionsWork) {
  kafka::Properties both = kSasl;
  both["security.protocol"] = "SASL_SSL";
  KafkaSight sight = Silent(GetParam().name, GetParam().text);
  EXPECT_THAT(Lines(sight, Needs(both)),
              AllOf(HasSubstr(GetParam().advice), Not(HasSubstr("wrong"))));
  sight.facts = Planned().facts;
  EXPECT_THAT(Lines(sight, Needs(both)),
              AllOf(HasSubstr("warning "), HasSubstr(GetParam().text), Not(HasSubstr("wrong"))));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CutOff,
    testing::Values(
        Trouble{"_SSL", "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker?",
                "that port does not speak TLS"},
        Trouble{"_SSL", "SSL handshake failed: unexpected eof while reading",
                "unasked tls: the TLS handshake with Kafka fails ("},
        Trouble{"_SSL", "SSL transport error: Connection reset by peer", "unasked tls: "},
        Trouble{"_AUTHENTICATION", "SASL handshake failed: Local: Broker transport failure",
                "unasked sasl: a login to Kafka is cut off ("},
        Trouble{"_AUTHENTICATION", "SASL handshake timed out", "unasked sasl: "}));

TEST(KafkaSight, PrefersBrokerRefusalOverCutConnection) {
  KafkaSight sight = Planned();
  sight.troubles = {{"_SSL", "unexpected eof while reading"}, {"_SSL", "no shared cipher"}};
  EXPECT_THAT(Lines(sight, Needs(kTls)),
              HasSubstr("wrong tls: the TLS handshake with Kafka fails (no shared cipher)"));
}

class Login : public testing::TestWithParam<Trouble> {};

TEST_P(Login, HasItsAdvice) {
  const std::string lines = Lines(Silent("_AUTHENTICATION", GetParam().text), Needs(kSasl));
  EXPECT_THAT(
      lines, AllOf(HasSubstr("wrong sasl: Kafka refuses the login ("), HasSubstr(GetParam().advice),
                   HasSubstr("unasked topics: Kafka was not asked: see sasl\n")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Login,
    testing::Values(Trouble{"password", "Authentication failed: Invalid username or password",
                            "correct kafka.sasl.username and kafka.sasl.password"},
                    Trouble{"mechanism", "Unsupported SASL mechanism",
                            "set kafka.sasl.mechanism to one that the broker has"},
                    Trouble{
                        "plain_port",
                        "SASL PLAIN mechanism handshake failed: Request not valid in current SASL "
                        "state",
                        "that port takes no login"}),
    [](const auto& row) { return row.param.name; });

TEST(KafkaSight, NamesPropertiesThatMakeNoClient) {
  KafkaSight sight;
  sight.refused_client = "ssl.ca.location failed: no certificate";
  EXPECT_THAT(
      Lines(sight, Needs(kTls)),
      AllOf(HasSubstr("wrong tls: librdkafka refuses the properties (ssl.ca.location failed"),
            HasSubstr("unasked topics: Kafka was not asked: see tls\n")));
  sight.refused_client = "`socket.timeout.ms` must be larger";
  EXPECT_THAT(Lines(sight), HasSubstr("wrong topics: librdkafka refuses"));
}

TEST(PrincipalOf, KnowsTheNamesThatBrokersGiveByDefault) {
  EXPECT_EQ(PrincipalOf({}), "User:ANONYMOUS");
  EXPECT_EQ(PrincipalOf(kTls), "User:ANONYMOUS");
  EXPECT_EQ(PrincipalOf(kSasl), "User:me");
  kafka::Properties properties = kTls;
  properties["ssl.certificate.location"] = "/c.pem";
  EXPECT_EQ(PrincipalOf(properties), "") << "the certificate and the broker's rules decide";
  EXPECT_EQ(PrincipalOf({{"security.protocol", "SASL_SSL"}, {"sasl.mechanisms", "OAUTHBEARER"}}),
            "");
}

}  // namespace
}  // namespace common::preflight
