#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"
#include "tests/system/ingest/table_world.h"

// Promise P7: text planted in secrets, bodies, queries and fields appears nowhere. (The answer
// table's tests also look for it, after everything that a client can do.)
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPlanted(kNeedle);

class PlantedSecretsTest : public ::testing::Test {
 protected:
  /// Runs `ingest --check` on a configuration, with the variable PLANTED set.
  tests::Finished Check(const std::string& yaml) {
    const auto file = directory.Write("ingest.yaml", yaml);
    return tests::RunProgram(tests::Binary("ingest"), {"--config", file.string(), "--check"},
                             seconds(20), {{"PLANTED", kPlanted}});
  }
  static void ExpectQuietRefusal(const tests::Finished& run, const std::string& of) {
    EXPECT_EQ(run.status, 2) << of;
    EXPECT_THAT(run.output + run.error_output, Not(HasSubstr(kPlanted))) << of;
  }

  tests::TempDirectory directory;
};

constexpr const char* kKafka = "kafka: { bootstrap.servers: \"127.0.0.1:1\" }\n";

TEST_F(PlantedSecretsTest, AppearInNoMessageAboutAnInvalidConfiguration) {
  const std::string kKeys = kKafka;
  for (const std::string& yaml : {
           kKeys + "providers: { onfido: { authorization: " + kPlanted + " } }\n",
           kKeys + "providers: { onfido: { authorization: [[" + kPlanted + "]] } }\n",
           kKeys + "providers: { onfido: { authorization: [{a: " + kPlanted + "}] } }\n",
           kKeys + "providers: { onfido: { authorization: [" + kPlanted + "], auth: none } }\n",
           kKeys + "providers: { onfido: { authorization: [" + kPlanted +
               "], authorization_file: /missing } }\n",
           kKeys + "providers: { onfido: { authorization: [\"" + kPlanted + "\n",
           kKeys + "providers: { onfido: { authorization: [" + kPlanted + "]: x } }\n",
           kKeys + "providers: { onfido: " + kPlanted + " }\n",
           kKeys + "providers: { onfido: { auth: " + kPlanted + " } }\n",
           kKeys + "providers: [" + kPlanted + "]\n",
           "kafka: { bootstrap.servers: \"a:1\", sasl.password: [" + kPlanted + "] }\n",
           "kafka: { bootstrap.servers: \"a:1\", sasl.passwort: " + kPlanted + " }\n",
           "kafka: { bootstrap.servers: \"a:1\", ssl.key.pem: " + kPlanted + ", acks: 1 }\n",
           "kafka: { bootstrap.servers: \"a:1\", sasl.password: " + kPlanted +
               ", sasl.password_file: /missing }\n",
       }) {
    ExpectQuietRefusal(Check(yaml), yaml);
  }
}

TEST_F(PlantedSecretsTest, AppearInNoMessageIfTheyComeFromTheEnvironment) {
  for (const char* key : {"listen", "admin", "threads", "path_prefix", "ack_deadline",
                          "answer_deadline", "max_body", "max_in_flight", "max_connections",
                          "spool", "topics", "providers", "kafka", "idle_timeout"}) {
    const std::string yaml = std::string(key) + ": ${PLANTED}\n";
    ExpectQuietRefusal(Check(key == std::string("kafka") ? yaml : kKafka + yaml), yaml);
  }
  for (const char* property : {"linger.ms", "security.protocol", "sasl.mechanisms", "debug",
                               "ssl.key.password", "enable.idempotence", "compression.codec"}) {
    const std::string yaml = "threads: 0\nkafka: { bootstrap.servers: \"a:1\", " +
                             std::string(property) + ": \"${PLANTED}\" }\n";
    ExpectQuietRefusal(Check(yaml), yaml);
  }
  for (const char* field : {"transient_status", "on_unavailable", "dedup_window", "retry_schedule",
                            "aliases", "auth"}) {
    const std::string yaml = kKafka + std::string("threads: 0\nproviders: { onfido: { ") + field +
                             ": \"${PLANTED}\" } }\n";
    ExpectQuietRefusal(Check(yaml), yaml);
  }
}

TEST_F(PlantedSecretsTest, AppearInNoMessageAboutAValidConfiguration) {
  const auto run = Check(kKafka + std::string("providers: { onfido: { authorization: [\"") +
                         kPlanted + "\", \"${PLANTED}\"] } }\n");
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.output + run.error_output, Not(HasSubstr(kPlanted)));
}

TEST_F(PlantedSecretsTest, AppearInNoLineOfLibrdkafkasDebugLog) {
  auto options = TableOptions("ack_deadline: 500ms\n");
  options.more_kafka =
      ", debug: all, security.protocol: sasl_plaintext, sasl.mechanisms: PLAIN, sasl.username: "
      "\"u-" +
      kPlanted + "\", sasl.password: \"" + kPlanted + "\"";
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.process().WaitForOutput("Connect", seconds(10)));
  ExpectTable(ingest, "with Kafka's client telling all", OneRequest(), kNotDurable);
  ExpectQuiet(ingest);
}

TEST_F(PlantedSecretsTest, AppearInNoMessageAboutReloadingTheirFile) {
  const std::string file = (directory.path() / "onfido").string();
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  write(SecretOf("onfido") + "\n");
  auto options = TableOptions("ack_deadline: 500ms\n");
  options.providers = "  onfido: { authorization_file: " + file + " }\n";
  RunningIngest ingest(options);
  const auto status_with = [&](const std::string& secret) {
    return tests::Post(ingest.Url("/callbacks/onfido?" + kPlanted), kPlanted,
                       {{"Authorization", secret}, {"Cookie", kPlanted}})
        .status;
  };
  EXPECT_EQ(status_with(SecretOf("onfido")), 503);
  EXPECT_EQ(status_with("new-" + kPlanted), 401);
  write("new-" + kPlanted + "\n" + SecretOf("onfido") + "\n");
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return status_with("new-" + kPlanted) == 503; }, seconds(10)));
  std::filesystem::remove(file);
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(ingest.process().WaitForOutput("secrets.not_reloaded", seconds(10)))
      << ingest.process().Describe();
  EXPECT_EQ(status_with("new-" + kPlanted), 503) << "the old values stay in force";
  ExpectQuiet(ingest);
  for (const char* path : {"/readyz", "/livez", "/metrics", "/"}) {
    EXPECT_THAT(tests::Get(ingest.AdminUrl(std::string(path) + "?" + kPlanted)).body,
                Not(HasSubstr(kPlanted)));
  }
  EXPECT_EQ(ingest.process().Terminate(seconds(15)), 0);
  EXPECT_THAT(ingest.process().StandardError(), Not(HasSubstr(kPlanted)));
}

TEST_F(PlantedSecretsTest, AppearInNoAnswerOfTheAdminPort) {
  RunningIngest ingest(TableOptions());
  const std::string url = ingest.AdminUrl("/");
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  for (const std::string& request :
       {"GET /" + kPlanted + " HTTP/1.1\r\nHost: a\r\nAuthorization: " + kPlanted + "\r\n\r\n",
        "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n" + kPlanted,
        kPlanted + " / HTTP/1.1\r\nHost: a\r\n\r\n", kPlanted + "\r\n\r\n"}) {
    tests::RawClient client(port);
    client.Send(request);
    EXPECT_THAT(client.ReadToEnd(milliseconds(500)), Not(HasSubstr(kPlanted))) << request;
  }
  ExpectQuiet(ingest);
}

}  // namespace
}  // namespace ingest
