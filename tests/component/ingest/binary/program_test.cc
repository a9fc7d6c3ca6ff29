#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "common/base/fd.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class ProgramTest : public ::testing::Test {
 protected:
  tests::Finished RunWith(const std::vector<std::string>& arguments) {
    return tests::RunProgram(tests::Binary("ingest"), arguments, seconds(10));
  }
  tests::Finished CheckOf(const std::string& yaml) {
    return RunWith({"--config", directory.Write("ingest.yaml", yaml).string(), "--check"});
  }
  tests::TempDirectory directory;
};

TEST_F(ProgramTest, ExitsWithStatus0OnAValidConfiguration) {
  const auto run = CheckOf(RunningIngest::ConfigText({}));
  EXPECT_EQ(run.status, 0) << run.error_output;
}

TEST_F(ProgramTest, ReportsEveryMistakeOfAConfigurationWithStatus2) {
  const auto run = CheckOf(
      "lisen: 127.0.0.1:0\n"
      "kafka: { bootstrap.servers: \"a:1\", acks: 1, linger.millis: 5 }\n"
      "ack_deadline: soon\n");
  EXPECT_EQ(run.status, 2);
  for (const char* part : {"\"key\":\"lisen\"", "\"key\":\"kafka.acks\"", "linger.millis",
                           "\"key\":\"ack_deadline\"", "\"line\":1,\"column\":1"}) {
    EXPECT_THAT(run.error_output, HasSubstr(part));
  }
}

TEST_F(ProgramTest, ReportsAMissingSpoolFolder) {
  const std::string good = RunningIngest::ConfigText({});
  const std::string folder = directory.path().string();
  EXPECT_EQ(CheckOf(good + "spool: { path: " + folder + "/spool.db }\n").status, 0);
  const auto run = CheckOf(good + "spool: { path: " + folder + "/missing/spool.db }\n");
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error_output, HasSubstr(R"("key":"spool.path")"));
  EXPECT_THAT(run.error_output, HasSubstr("/missing'"));
}

TEST_F(ProgramTest, WarnsOfDoubtsWithStatus0) {
  const auto run = CheckOf(
      "kafka: { bootstrap.servers: \"a:1\" }\n"
      "providers:\n  onfidio: { authorization: [hush-hush] }\n  eid: {}\n");
  EXPECT_EQ(run.status, 0) << run.error_output;
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.error_output, HasSubstr(R"("event":"config.warning","level":"warn")"));
  EXPECT_THAT(run.error_output, HasSubstr(R"("key":"providers.onfidio","what":"resembles)"));
  EXPECT_THAT(run.error_output,
              HasSubstr(R"("line":4,"column":8,"key":"providers.eid","what":"has)"));
  EXPECT_THAT(run.error_output, HasSubstr("config.valid"));
  EXPECT_THAT(run.error_output, Not(HasSubstr("hush-hush")));
}

TEST_F(ProgramTest, EndsAtOnceIfAStopComesWhileItsConfigurationHangs) {
  const std::filesystem::path path = directory.path() / "ingest.yaml";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const common::Fd silent_writer(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  tests::Process process(tests::Binary("ingest"), {"--config", path.string()});
  const auto is_being_read = [&] {
    const std::filesystem::path entries = "/proc/" + std::to_string(process.pid());
    std::error_code error;
    // Until its exec it has our descriptors.
    if (std::filesystem::read_symlink(entries / "exe", error).filename() != "ingest") return false;
    for (const auto& entry : std::filesystem::directory_iterator(entries / "fd", error)) {
      if (std::filesystem::read_symlink(entry.path(), error) == path) return true;
    }
    return false;
  };
  ASSERT_TRUE(tests::WaitUntil(is_being_read, seconds(20), milliseconds(1)));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.WaitForExit(seconds(20)), 0) << process.Describe();
  EXPECT_THAT(process.StandardError(), HasSubstr("config.abandoned"));
}

TEST_F(ProgramTest, ReportsInvalidYamlAsOneMistake) {
  for (const auto& [yaml, what] :
       {std::pair{std::string("spool:\n\tpath: x\n"),
                  R"("line":2,"column":1,"key":"","what":"a tab)"},
        {std::string("\xFF\xFEl\0i\0", 6), "UTF-16: save it as UTF-8"}}) {
    const auto run = CheckOf(yaml);
    EXPECT_EQ(run.status, 2);
    EXPECT_THAT(run.error_output, HasSubstr(what));
    EXPECT_EQ(std::ranges::count(run.error_output, '\n'), 1) << run.error_output;
  }
}

TEST_F(ProgramTest, ReportsMissingKafkaFilesAndUnsupportedMechanisms) {
  const auto run = CheckOf(
      "kafka: { bootstrap.servers: \"a:1\", security.protocol: SASL_SSL,\n"
      "  ssl.ca.location: /nowhere/ca.pem,\n"
      "  sasl.mechanisms: SCRAM-SHA-1 }\n");
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error_output, HasSubstr(R"("line":2,"column":20,"key":"kafka.ssl.ca.location")"));
  EXPECT_THAT(run.error_output, HasSubstr(R"("line":3,"column":20,"key":"kafka.sasl.mechanisms")"));
}

TEST_F(ProgramTest, ExitsWithStatus2OnBadArgumentsOrAMissingFile) {
  EXPECT_EQ(RunWith({}).status, 2);
  EXPECT_EQ(RunWith({"--frobnicate"}).status, 2);
  EXPECT_EQ(RunWith({"--config", (directory.path() / "missing.yaml").string()}).status, 2);
}

TEST_F(ProgramTest, PrintsItsVersion) {
  const auto run = RunWith({"--version"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.output, HasSubstr("ingest "));
}

TEST_F(ProgramTest, ExitsWithStatus1IfAPortIsInUse) {
  RunningIngest first({});
  const auto config = directory.Write(
      "ingest.yaml", "listen: 127.0.0.1:" + std::to_string(first.port()) +
                         "\nadmin: 127.0.0.1:0\nkafka: { bootstrap.servers: \"127.0.0.1:1\" }\n");
  const auto run = RunWith({"--config", config.string()});
  EXPECT_EQ(run.status, 1) << run.error_output;
  EXPECT_THAT(run.error_output, HasSubstr("ingest.cannot_run"));
}

TEST_F(ProgramTest, OpensItsSpoolOnceTheOwningProcessHasExited) {
  const std::string spool = "spool: { path: " + (directory.path() / "spool.db").string() + " }\n";
  RunningIngest first({.more = spool});
  ASSERT_TRUE(first.process().WaitForOutput("spool.opened", seconds(30)));
  RunningIngest second({.more = spool});
  EXPECT_TRUE(second.process().WaitForOutput("another process has it open", seconds(30)));
  EXPECT_THAT(second.Metrics(), HasSubstr("\nsluice_ingest_spool_open 0\n"));
  first.process().Kill();
  EXPECT_TRUE(second.process().WaitForOutput("spool.opened", seconds(30)));
}

TEST_F(ProgramTest, IsReadyWithoutABrokerWhileItsSpoolHasRoom) {
  RunningIngest ingest(
      {.more = "spool: { path: " + (directory.path() / "spool.db").string() + " }\n"});
  ASSERT_TRUE(ingest.process().WaitForOutput("spool.counted", seconds(30)));
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/readyz")).body,
            "{\"ready\":false,\"missing\":[\"kafka\"]}\n")
      << "ingest waits 5 s for Kafka";
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(15)));
}

TEST_F(ProgramTest, IsNotReadyWithoutABrokerAndSpoolRoom) {
  RunningIngest ingest({.more = "spool: { path: " + (directory.path() / "spool.db").string() +
                                ", min_free_disk: 1000000GiB }\n"});
  EXPECT_THAT(tests::Get(ingest.AdminUrl("/readyz")).body,
              HasSubstr("\"missing\":[\"kafka\",\"spool\"]"));
  EXPECT_EQ(tests::Post(ingest.Url("/callbacks/connect"), "{}").status, 503);
}

TEST_F(ProgramTest, LogsOneJsonObjectPerLine) {
  RunningIngest ingest({.more = "drain_delay: 0ms\n"});
  ASSERT_TRUE(ingest.process().WaitForOutput("kafka.unavailable", seconds(10)));
  EXPECT_EQ(ingest.process().Terminate(seconds(10)), 0);
  const std::string log = ingest.process().StandardError();
  ASSERT_EQ(log.back(), '\n');
  for (std::size_t start = 0; start < log.size();) {
    const std::size_t end = log.find('\n', start);
    const std::string line = log.substr(start, end - start);
    EXPECT_EQ(line.rfind("{\"event\":\"", 0), 0U) << line;
    EXPECT_EQ(line.back(), '}') << line;
    start = end + 1;
  }
}

TEST_F(ProgramTest, WarnsAboutProvidersWithoutCredentials) {
  RunningIngest ingest({});
  const std::string log = ingest.process().StandardError();
  EXPECT_THAT(log, HasSubstr("\"event\":\"provider.has_no_credentials\""));
  EXPECT_THAT(log, HasSubstr("\"provider\":\"webid\""));
  EXPECT_THAT(log, Not(HasSubstr("\"provider\":\"onfido\"")));
}

TEST_F(ProgramTest, IsAliveButNotReadyWithoutABroker) {
  RunningIngest ingest({});
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/livez")).status, 200);
  const auto ready = tests::Get(ingest.AdminUrl("/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("{\"ready\":false,\"missing\":[\"kafka\"]}"));
}

TEST_F(ProgramTest, ServesDuringTheDrainDelayAndExitsWithStatus0) {
  RunningIngest ingest({.more = "drain_delay: 800ms\n"});
  RawConnection kept(ingest.port());
  kept.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  ASSERT_EQ(Summary(kept.ReadAnswer()), "503");
  const auto stopped_at = std::chrono::steady_clock::now();
  ingest.process().Signal(SIGTERM);
  ASSERT_TRUE(ingest.process().WaitForOutput("ingest.draining", seconds(5)));
  EXPECT_THAT(tests::Get(ingest.AdminUrl("/readyz")).body, HasSubstr("draining"));
  RawConnection late(ingest.port());
  late.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  EXPECT_EQ(Summary(late.ReadAnswer()), "503") << "a new connection during the delay";
  ASSERT_TRUE(tests::WaitUntil([&] { return tests::Get(ingest.Url("/")).status == 0; }, seconds(5)))
      << "the listener must close";
  EXPECT_GE(std::chrono::steady_clock::now() - stopped_at, milliseconds(800));
  kept.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  EXPECT_EQ(Summary(kept.ReadAnswer()), "503 close") << "on a connection that was open before";
  EXPECT_EQ(ingest.process().WaitForExit(seconds(10)), 0) << ingest.process().Describe();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped_at, milliseconds(800 + 8500 + 2000));
}

TEST_F(ProgramTest, ExitsWithStatus1AtASecondSignal) {
  RunningIngest ingest({.more = "drain_delay: 30s\n"});
  ingest.process().Signal(SIGTERM);
  ASSERT_TRUE(ingest.process().WaitForOutput("ingest.draining", seconds(5)));
  ingest.process().Signal(SIGTERM);
  EXPECT_EQ(ingest.process().WaitForExit(seconds(1)), 1);
}

TEST_F(ProgramTest, ReloadsSecretsAtSighupWithoutLosingARequest) {
  const auto secrets = directory.Write("webid", "old-secret\n");
  RunningIngest ingest(
      {.more_providers = "  webid: { authorization_file: " + secrets.string() + " }\n"});
  std::atomic<bool> is_over = false;
  std::atomic<int> lost = 0;
  std::atomic<int> answered = 0;
  std::jthread load([&] {
    RawConnection connection(ingest.port());
    while (!is_over) {
      connection.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
      ++(StatusOf(connection.ReadAnswer()) == 503 ? answered : lost);
    }
  });
  const auto status_of = [&](const char* secret) {
    return tests::Post(ingest.Url("/callbacks/webid"), "{}", {{"Authorization", secret}}).status;
  };
  EXPECT_EQ(status_of("old-secret"), 503);
  EXPECT_EQ(status_of("new-secret"), 401);
  directory.Write("webid", "new-secret\n");
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return status_of("new-secret") == 503; }, seconds(5)));
  EXPECT_EQ(status_of("old-secret"), 401);

  std::filesystem::remove(secrets);
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(ingest.process().WaitForOutput("secrets.not_reloaded", seconds(5)));
  EXPECT_EQ(status_of("new-secret"), 503) << "the old values stay in force";
  EXPECT_TRUE(tests::WaitUntil([&] { return answered > 0; }, seconds(10)));
  is_over = true;
  load.join();
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace ingest
