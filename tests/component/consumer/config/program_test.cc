// The command line and exit statuses of the binary, without a broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <string>

#include "common/base/fd.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace consumer {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kGood =
    "kafka: { bootstrap.servers: \"127.0.0.1:1\" }\n"
    "assure: { base_url: \"http://127.0.0.1:1/a\", token_url: \"http://127.0.0.1:1/t\", "
    "client_id: me, client_secret: hush-hush }\n";

class Program : public ::testing::Test {
 protected:
  [[nodiscard]] tests::Finished Check(const std::string& yaml) const {
    return tests::RunProgram(tests::Binary("consumer"),
                             {"--config", files.Write("consumer.yaml", yaml), "--check"},
                             seconds(20));
  }
  tests::TempDirectory files;
};

TEST_F(Program, PrintsVersion) {
  const auto run = tests::RunProgram(tests::Binary("consumer"), {"--version"}, seconds(20));
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.output, HasSubstr(SLUICE_VERSION));
}

TEST_F(Program, AcceptsValidConfiguration) {
  const auto run = Check(kGood);
  EXPECT_EQ(run.status, 0) << run.error_output;
  EXPECT_THAT(run.error_output, Not(HasSubstr("hush-hush")));
}

TEST_F(Program, EndsWithStatusTwoAndNamesEveryMistake) {
  const auto run = Check(std::string(kGood) + "lanes: none\ncommit_intervall: 1s\n");
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error_output, HasSubstr(R"("line":3)"));
  EXPECT_THAT(run.error_output, HasSubstr("commit_intervall"));
}

TEST_F(Program, RefusesPropertyUnknownToLibrdkafka) {
  const auto run = Check(
      "kafka: { bootstrap.servers: \"k:1\", no.such.property: 1 }\n"
      "assure: { base_url: \"http://a\", token_url: \"http://t\", client_id: me, client_secret: x "
      "}\n");
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error_output, HasSubstr("no.such.property"));
}

TEST_F(Program, ChecksFilesAndSaslMechanism) {
  const auto run = Check(
      "kafka: { bootstrap.servers: \"k:1\", ssl.ca.location: /nowhere/kafka.pem,\n"
      "  sasl.mechanism: NTLM }\n"
      "assure: { base_url: \"http://a\", token_url: \"http://t\", client_id: me, client_secret: "
      "x,\n"
      "  ca_file: /nowhere/api.pem }\n");
  EXPECT_EQ(run.status, 2);
  for (const char* key : {"kafka.ssl.ca.location", "kafka.sasl.mechanism", "assure.ca_file"}) {
    EXPECT_THAT(run.error_output, HasSubstr(key));
  }
}

TEST_F(Program, WarnsOfAMistypedProviderWithStatusZero) {
  const auto run = Check(std::string(kGood) + "providers: { onfidio: { dedup_window: 12h } }\n");
  EXPECT_EQ(run.status, 0) << run.error_output;
  EXPECT_THAT(run.error_output, HasSubstr(R"("key":"providers.onfidio","what":"resembles)"));
}

TEST_F(Program, RefusesACaFileThatIsAFolder) {
  std::string yaml = kGood;
  yaml.insert(yaml.rfind(" }"), ", ca_file: /tmp");
  EXPECT_EQ(Check(yaml).status, 2);
}

TEST_F(Program, EndsThePreflightAtOnceByASignal) {
  tests::Process run(tests::Binary("consumer"),
                     {"--config", files.Write("consumer.yaml", kGood), "--check", "--online"});
  ASSERT_TRUE(run.WaitForOutput("config.valid", seconds(20)));
  run.Signal(SIGINT);
  EXPECT_EQ(run.WaitForExit(seconds(5)), 128 + SIGINT) << "nobody answers for 10 s";
}

TEST_F(Program, ExitsWith2WithoutConfiguration) {
  EXPECT_EQ(tests::RunProgram(tests::Binary("consumer"), {}, seconds(20)).status, 2);
  EXPECT_EQ(tests::RunProgram(tests::Binary("consumer"), {"--config", "/nowhere.yaml"}, seconds(20))
                .status,
            2);
}

TEST_F(Program, EndsWithStatusOneForContradictoryProperties) {
  const auto run = tests::RunProgram(
      tests::Binary("consumer"),
      {"--config",
       files.Write("consumer.yaml",
                   "admin: 127.0.0.1:0\nkafka: { bootstrap.servers: \"127.0.0.1:1\", "
                   "transaction.timeout.ms: 1000, socket.timeout.ms: 60000 }\nassure: { base_url: "
                   "\"http://a\", token_url: \"http://t\", client_id: me, client_secret: x }\n")},
      seconds(20));
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error_output, HasSubstr("consumer.cannot_run"));
}

/// A port of loopback that nobody else can have.
class TakenPort {
 public:
  TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.get(), generic, size), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    EXPECT_EQ(::getsockname(socket_.get(), generic, &size), 0);
    number_ = ntohs(address.sin_port);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  common::Fd socket_;
  int number_ = 0;
};

// By then it has clients, and librdkafka waits for its threads before it gives one up.
TEST_F(Program, EndsSoonWhenItCannotStartThoughBrokersHang) {
  const TakenPort admin;
  std::string yaml = kGood;
  yaml.replace(yaml.find("127.0.0.1:1"), 11, "hangs.invalid:1");
  const std::string file =
      files.Write("consumer.yaml",
                  "admin: \"127.0.0.1:" + std::to_string(admin.number()) + "\"\nlanes: 2\n" + yaml);
  tests::Process run(tests::Binary("consumer"), {"--config", file},
                     {{"LD_PRELOAD", HANGING_RESOLVER},
                      {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"}});
  EXPECT_EQ(run.WaitForExit(seconds(40)), 1) << run.StandardError();
  EXPECT_THAT(run.StandardError(), HasSubstr("consumer.cannot_run"));
}

}  // namespace
}  // namespace consumer
