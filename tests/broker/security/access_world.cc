#include "tests/broker/security/access_world.h"

#include <algorithm>
#include <string_view>

#include "common/base/base64.h"
#include "tests/broker/security/acl_writer.h"
#include "tests/harness/process.h"

namespace tests {

namespace {

std::string Base64Url(std::string_view text) {
  std::string coded = common::EncodeBase64(text);
  coded.resize(std::min(coded.size(), coded.find('=')));
  std::ranges::replace(coded, '+', '-');
  std::ranges::replace(coded, '/', '_');
  return coded;
}

/// An unsigned token, which a broker takes that has no validator of its own.
std::string TokenOf(std::string_view user, std::chrono::seconds life) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return Base64Url(R"({"alg":"none"})") + "." +
         Base64Url(R"({"sub":")" + std::string(user) + R"(","iat":)" +
                   std::to_string((now - std::chrono::hours(2)).count()) + R"(,"exp":)" +
                   std::to_string((now + life).count()) + "}") +
         ".";
}

/// `stale`: a user whose tokens the broker refuses.
consumer::RawServer::Reply AnswerForToken(const std::string& request) {
  if (request.find("Basic " + common::EncodeBase64("sluice:s3cret")) == std::string::npos) {
    return {.bytes = consumer::Answer(401, R"({"error":"invalid_client"})")};
  }
  constexpr std::string_view kScope = "&scope=";
  const std::size_t scope = request.find(kScope);
  const std::string user =
      scope == std::string::npos ? "sluice" : request.substr(scope + kScope.size());
  const std::chrono::seconds life(user == "stale" ? -3'600 : 3'600);
  return {.bytes = consumer::Answer(
              200, R"({"access_token":")" + TokenOf(user, life) + R"(","expires_in":20})")};
}

}  // namespace

AccessWorld& AccessWorld::Shared() {
  static AccessWorld world;
  return world;
}

AccessWorld::AccessWorld()
    : broker(Broker::Start(1, Properties(),
                           {"GOOD=SASL_SSL", "EXPIRED=SASL_SSL", "OTHER=SASL_SSL", "TLS=SSL",
                            "TLS_EXPIRED=SSL", "TLS_OTHER=SSL", "MTLS=SSL"})),
      tokens(AnswerForToken) {
  for (const char* user : {"sluice", "poor"}) AddScramUser(broker->bootstrap(), user, "s3cret");
}

void AccessWorld::Show(const std::string& listener, const consumer::TestCertificate& certificate,
                       std::vector<std::string>& properties) const {
  const std::string store = files_.Write(
      listener + ".pem", ReadFile(certificate.key_file()) + ReadFile(certificate.file()));
  properties.push_back("listener.name." + listener + ".ssl.keystore.type=PEM");
  properties.push_back("listener.name." + listener + ".ssl.keystore.location=" + store);
}

std::vector<std::string> AccessWorld::Properties() const {
  std::string users;
  for (const char* user : {"sluice", "poor", "ingest", "consumer", "sluicectl", "red", "blue"}) {
    users += " user_" + std::string(user) + "=\"s3cret\"";
  }
  const std::string package = "org.apache.kafka.common.security.";
  std::vector<std::string> all = {
      "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users=User:ANONYMOUS", "listener.name.mtls.ssl.client.auth=required",
      "listener.name.mtls.ssl.truststore.type=PEM",
      "listener.name.mtls.ssl.truststore.location=" +
          files_.Write("clients.pem", ReadFile(client.file()) + ReadFile(authority.file()))
              .string()};
  Show("good", good, all);
  Show("expired", expired, all);
  Show("other", other, all);
  Show("tls", good, all);
  Show("tls_expired", expired, all);
  Show("tls_other", other, all);
  Show("mtls", good, all);
  for (const std::string name : {"good", "expired", "other"}) {
    const std::string listener = "listener.name." + name + ".";
    all.push_back(listener + "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER");
    all.push_back(listener + "plain.sasl.jaas.config=" + package +
                  "plain.PlainLoginModule required" + users + ";");
    all.push_back(listener + "scram-sha-512.sasl.jaas.config=" + package +
                  "scram.ScramLoginModule required;");
    all.push_back(listener + "oauthbearer.sasl.jaas.config=" + package +
                  "oauthbearer.OAuthBearerLoginModule required "
                  "unsecuredLoginStringClaim_sub=\"broker\";");
  }
  return all;
}

Security AccessWorld::Sasl(const std::string& mechanism) const {
  return {mechanism,
          {{"bootstrap.servers", broker->bootstrap("GOOD")},
           {"security.protocol", "SASL_SSL"},
           {"ssl.ca.location", good.file()},
           {"sasl.mechanism", mechanism},
           {"sasl.username", "sluice"},
           {"sasl.password", "s3cret"}}};
}

Security AccessWorld::Oauth() const {
  Security oauth = Sasl("OAUTHBEARER");
  for (const char* key : {"sasl.username", "sasl.password"}) oauth.properties.erase(key);
  oauth.properties["sasl.oauthbearer.token.endpoint.url"] = tokens.Url("/token");
  oauth.properties["sasl.oauthbearer.client.id"] = "sluice";
  oauth.properties["sasl.oauthbearer.client.secret"] = "s3cret";
  return oauth;
}

Security AccessWorld::Tls() const {
  return {"TLS",
          {{"bootstrap.servers", broker->bootstrap("TLS")},
           {"security.protocol", "SSL"},
           {"ssl.ca.location", good.file()}}};
}

Security AccessWorld::MutualTls() const {
  return {"mTLS",
          {{"bootstrap.servers", broker->bootstrap("MTLS")},
           {"security.protocol", "SSL"},
           {"ssl.ca.location", good.file()},
           {"ssl.certificate.location", client.file()},
           {"ssl.key.location", client.key_file()}}};
}

}  // namespace tests
