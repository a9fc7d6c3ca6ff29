#include "common/access/access_trouble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::access {
namespace {

using testing::StartsWith;

constexpr const char* kPassword = "correct kafka.sasl.username and kafka.sasl.password";

struct Line {
  const char* text;
  const char* kind;  ///< "": no trouble of access.
  const char* advice;
};

class Words : public testing::TestWithParam<Line> {};

TEST_P(Words, AdviseTheOperator) {
  const Line& line = GetParam();
  const auto trouble = FindAccessTrouble("FAIL", line.text);
  EXPECT_EQ(trouble ? ToText(trouble->kind) : "", line.kind);
  if (trouble) {
    EXPECT_THAT(trouble->advice, StartsWith(line.advice));
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfLibrdkafka, Words,
    testing::Values(
        Line{"[thrd:sasl_ssl://k:1/bootstrap]: sasl_ssl://k:1/bootstrap: SASL authentication "
             "error: Authentication failed: Invalid username or password (after 3ms in state "
             "AUTH_REQ)",
             "login", kPassword},
        Line{"SASL authentication error: Authentication failed during authentication due to "
             "invalid credentials with SASL mechanism SCRAM-SHA-512",
             "login", kPassword},
        Line{"SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's "
             "supported mechanisms: SCRAM-SHA-512",
             "login", "set kafka.sasl.mechanism to one"},
        Line{"SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: "
             "broker's supported mechanisms: PLAIN,OAUTHBEARER",
             "login", "set kafka.sasl.mechanism to one"},
        Line{"Failed to acquire SASL OAUTHBEARER token: http://id/token answers 401 invalid_client",
             "token", "see to the token endpoint"},
        Line{"[thrd:main]: Fatal error: Broker: Transactional Id authorization failed: Failed to "
             "find transaction coordinator: sasl_ssl://k:1/1: Broker: Transactional Id "
             "authorization failed: Transactional Id authorization failed.",
             "rights", "allow it to this client"},
        Line{"FindCoordinator response error: Group authorization failed.", "rights",
             "allow it to this client"},
        Line{"SASL authentication error: {\"status\":\"invalid_token\"}", "login",
             "the broker refuses the token"},
        Line{"Failed to initialize SASL authentication: OAUTHBEARER cannot log in because there is "
             "no token available; last error: (not available)",
             "token", "see to the token endpoint"},
        Line{"SSL handshake failed: error:0A00010B:SSL routines::wrong version number: client "
             "SSL authentication might be required",
             "tls", "that port does not speak TLS"},
        Line{"SSL handshake failed: error:0A000415:SSL routines::sslv3 alert certificate expired: "
             "SSL alert number 45",
             "tls", "the client certificate has expired"},
        Line{"SSL handshake failed: error:0A00045C:SSL routines::tlsv13 alert certificate "
             "required: SSL alert number 116",
             "tls", "the broker wants a client certificate"},
        Line{"Receive failed: error:0A000416:SSL routines::sslv3 alert certificate unknown: SSL "
             "alert number 46",
             "tls", "the broker does not trust the client certificate, or it has expired"},
        Line{
            "ssl://k:1/bootstrap: error:0A000126:SSL routines::unexpected eof while reading (after "
            "1ms in state SSL_HANDSHAKE)",
            "tls", "try again; if it stays, that port does not speak TLS"},
        Line{"Connect to ipv4#127.0.0.1:9 failed: Connection refused", "", ""},
        Line{"3/3 brokers are down", "", ""}));

TEST(Shortened, StripsThreadProtocolAndState) {
  EXPECT_EQ(Shortened("[thrd:ssl://k:1/bootstrap]: ssl://k:1/bootstrap: Connect to ipv4#1.2.3.4:1 "
                      "failed: Connection refused (after 0ms in state CONNECT)"),
            "k:1: Connect to ipv4#1.2.3.4:1 failed: Connection refused");
  EXPECT_EQ(Shortened("1/1 brokers are down"), "1/1 brokers are down");
}

TEST(AccessTrouble, HasHostAndWordsWithoutThreadAndState) {
  const auto trouble = FindAccessTrouble(
      "_SSL",
      "ssl://k-1.example:9093/1: SSL handshake failed: unsafe (after 9ms in state SSL_HANDSHAKE)");
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->host, "k-1.example:9093");
  EXPECT_EQ(trouble->why, "SSL handshake failed: unsafe");
}

TEST(AccessTrouble, OfACertificateNamesItsDate) {
  using namespace std::chrono_literals;
  ShownCertificate shown;
  shown.host = "k:1";
  shown.error = 10;  // X509_V_ERR_CERT_HAS_EXPIRED
  shown.valid_until = WallTime(1'790'000'000s);
  EXPECT_EQ(Describe(RefusedCertificate(shown)),
            "the certificate of k:1 is refused: certificate has expired on 2026-09-21 (k:1): it "
            "has expired; renew it on that host");
}

}  // namespace
}  // namespace common::access
