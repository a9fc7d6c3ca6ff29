// The token goes only to a host whose certificate is trusted, valid for its name, and valid today.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;

class TlsTest : public CurlTransportTest {
 protected:
  RawServer::Script script = [](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; };

  /// Requests from a server with `certificate`, trusting `ca_file`.
  HttpReply Ask(RawServer& server, const std::string& ca_file) {
    CurlTransport trusting{CurlSettings{.ca_file = ca_file, .connect_timeout = 5s}};
    HttpRequest request = Get(1, server.Url("/"));
    request.fields = {{"Authorization", "Bearer secret"}};
    trusting.Start(request);
    Await(trusting, 1);
    return replies[1];
  }
};

TEST_F(TlsTest, TrustsConfiguredCertificate) {
  const TestCertificate certificate;
  RawServer server(script, &certificate);
  const HttpReply reply = Ask(server, certificate.file());
  EXPECT_EQ(reply.fault, TransportFault::kNone) << reply.error;
  EXPECT_EQ(reply.body, "{}");
}

TEST_F(TlsTest, OffersHttp2AndFallsBackToHttp1) {
  const TestCertificate certificate;
  RawServer server(script, &certificate);
  EXPECT_EQ(Ask(server, certificate.file()).status, 200);
  EXPECT_EQ(server.offered_protocols(), "\x02h2\x08http/1.1");
}

struct Stranger {
  std::string name;
  TestCertificate::Content content;
  bool is_trusted = true;
};
void PrintTo(const Stranger& stranger, std::ostream* out) { *out << stranger.name; }

class TlsRefusal : public TlsTest, public testing::WithParamInterface<Stranger> {};

TEST_P(TlsRefusal, ReportsTlsFaultAndSendsNothing) {
  const TestCertificate certificate(GetParam().content);
  const TestCertificate another;
  RawServer server(script, &certificate);
  const HttpReply reply = Ask(server, GetParam().is_trusted ? certificate.file() : another.file());
  EXPECT_EQ(reply.fault, TransportFault::kTls) << reply.error;
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.error, "");
  EXPECT_EQ(server.requests(), 0) << "an untrusted host gets no token";
}

INSTANTIATE_TEST_SUITE_P(
    Of, TlsRefusal,
    testing::Values(Stranger{"untrusted_signer", {}, false},
                    Stranger{"other_host_name", {.names = "DNS:elsewhere.test,IP:127.0.0.9"}},
                    Stranger{"dns_name_for_address", {.names = "DNS:127.0.0.1"}},
                    Stranger{"expired", {.valid_from = -48h, .valid_until = -1h}},
                    Stranger{"not_valid_yet", {.valid_from = 1h, .valid_until = 48h}}),
    [](const auto& row) { return row.param.name; });

TEST_F(TlsTest, RefusesSelfSignedCertificateBySystemCertificates) {
  const TestCertificate certificate;
  RawServer server(script, &certificate);
  EXPECT_EQ(Ask(server, "").fault, TransportFault::kTls);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(TlsTest, FailsWithMissingCaFile) {
  const TestCertificate certificate;
  RawServer server(script, &certificate);
  EXPECT_EQ(Ask(server, "/nowhere/ca.pem").fault, TransportFault::kTls);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(TlsTest, DoesNotFollowRedirectToPlainHttp) {
  const TestCertificate certificate;
  RawServer other(script);
  RawServer server(
      [&](const std::string&) {
        return RawServer::Reply{Answer(307, "", "Location: " + other.Url("/") + "\r\n")};
      },
      &certificate);
  EXPECT_EQ(Ask(server, certificate.file()).status, 307);
  EXPECT_EQ(other.connections(), 0);
}

}  // namespace
}  // namespace consumer
