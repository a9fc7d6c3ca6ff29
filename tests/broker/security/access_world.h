#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/harness/broker.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// How a client gets in to Kafka.
struct Security {
  std::string name;  ///< As in ops/docs/kafka-access.md.
  std::map<std::string, std::string> properties;
};

/// One broker with a listener for each security and fault, and an authorizer:
///
///   GOOD, EXPIRED, OTHER   SASL_SSL with PLAIN, SCRAM-SHA-512 and OAUTHBEARER
///   TLS, TLS_EXPIRED, TLS_OTHER   SSL
///   MTLS                   SSL, with client certificates
///
/// EXPIRED shows an expired certificate, OTHER one for another name. The user `sluice` may do what
/// the test allows; `poor` nothing.
class AccessWorld {
 public:
  static AccessWorld& Shared();

  const consumer::TestCertificate good{
      {.names = "IP:127.0.0.1", .valid_until = std::chrono::seconds(90 * 86'400)}};
  const consumer::TestCertificate expired{{.names = "IP:127.0.0.1",
                                           .valid_from = std::chrono::seconds(-172'800),
                                           .valid_until = std::chrono::seconds(-3'600)}};
  const consumer::TestCertificate other{{.names = "DNS:kafka-1.example"}};
  const consumer::TestCertificate client{{}};
  /// An authority whose clients the broker lets in, and one of them that it does not any more.
  const consumer::TestCertificate authority{{.is_authority = true}};
  const consumer::TestCertificate expired_client{{.valid_from = std::chrono::seconds(-172'800),
                                                  .valid_until = std::chrono::seconds(-3'600),
                                                  .issuer = &authority}};
  const consumer::TestCertificate stranger{{}};  ///< A client that the broker does not know.

 private:
  AccessWorld();
  TempDirectory files_;  // Before the broker, which reads them.

 public:
  std::unique_ptr<Broker> broker;

  /// Gives tokens to the client `sluice` with the secret `s3cret`; they name the scope as user.
  const consumer::RawServer tokens;

  [[nodiscard]] Security Plain() const { return Sasl("PLAIN"); }
  [[nodiscard]] Security Scram() const { return Sasl("SCRAM-SHA-512"); }
  [[nodiscard]] Security Oauth() const;
  [[nodiscard]] Security MutualTls() const;
  [[nodiscard]] Security Tls() const;

 private:
  [[nodiscard]] Security Sasl(const std::string& mechanism) const;
  [[nodiscard]] std::vector<std::string> Properties() const;
  void Show(const std::string& listener, const consumer::TestCertificate& certificate,
            std::vector<std::string>& properties) const;
};

}  // namespace tests
