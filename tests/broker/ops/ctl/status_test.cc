#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/support/broker.h"

namespace ctl {
namespace {

using consumer::ConsumerRun;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Status : public testing::Test {
 protected:
  std::unique_ptr<tests::Process> StartIngest() {
    const std::string file =
        files_.Write("ingest.yaml",
                     "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ndrain_delay: 0ms\n"
                     "kafka: { bootstrap.servers: \"" +
                         tests::Broker::Shared().bootstrap() +
                         "\" }\ntopics: { callbacks: " + run_.topics().callbacks + " }\n");
    return std::make_unique<tests::Process>(tests::Binary("ingest"),
                                            std::vector<std::string>{"--config", file});
  }
  static std::string AdminOf(tests::Process& program, const std::string& event) {
    if (!program.WaitForOutput(event, seconds(20))) throw std::runtime_error(program.Describe());
    return "127.0.0.1:" +
           std::to_string(consumer::LoggedNumber(program.StandardError(), event, "admin_port"));
  }

  std::vector<std::string> Arguments(std::vector<std::string> more) {
    more.insert(more.begin(), {"status", "--config", run_.ConfigFile("ctl")});
    if (!instances_.empty()) more.push_back("--instance=" + instances_);
    return more;
  }
  tests::Finished Run(std::vector<std::string> more = {}) {
    return tests::RunProgram(tests::Binary("sluicectl"), Arguments(std::move(more)), seconds(60));
  }
  /// Whether the text comes to be in what it says.
  testing::AssertionResult Says(const std::string& text) {
    tests::Finished last;
    const bool is_said = tests::WaitUntil(
        [&] {
          last = Run();
          return last.output.find(text) != std::string::npos;
        },
        seconds(40), milliseconds(200));
    if (is_said) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "not said: " << text << "\n"
                                       << last.output << last.error_output;
  }

  ConsumerRun run_{tests::Broker::Shared().bootstrap(), 2};
  tests::TempDirectory files_;
  std::string instances_;
};

TEST_F(Status, TellsOfAPipelineFromItsStartToItsTroubles) {
  const auto nobody = Run();
  EXPECT_EQ(nobody.status, 0) << nobody.error_output;
  EXPECT_THAT(nobody.output, StartsWith("NOT WELL\n  no consumer is in the group "));

  const auto consumer = run_.Start("a", "fetch: { breaker: { failures: 3, probe_every: 200ms } }");
  const auto ingest = StartIngest();
  instances_ = AdminOf(*consumer, "consumer.started") + "," + AdminOf(*ingest, "ingest.listening");
  ASSERT_TRUE(Says("ok: 1 member reads 2 partitions, nothing waits"));
  run_.kafka().Produce(run_.topics().callbacks, {ConsumerRun::Delivery(1)});
  ASSERT_TRUE(run_.PublishedWithin(1, seconds(30))) << consumer->Describe();
  ASSERT_TRUE(Says("s ago\n"));
  const std::string well = Run().output;
  EXPECT_THAT(well, AllOf(HasSubstr("\n" + run_.group() + "-a-0  127.0.0.1  0-1  "),
                          HasSubstr("  consumer  ready  "), HasSubstr("  closed  "),
                          HasSubstr("  ingest    ready  ")));
  const auto json = Run({"--json"});
  EXPECT_THAT(json.output, AllOf(StartsWith(R"({"ok":true,)"), HasSubstr(R"("kind":"ingest")"),
                                 HasSubstr(R"("partitions":[0,1],"lag":0)")));

  run_.kafka().Produce(run_.topics().callbacks, {{.key = "k", .value = "no json"}});
  ASSERT_TRUE(Says("NOT WELL\n  1 dead letter in the last hour: 1 malformed\n"));
  run_.SetApiBehaviour(R"({"down":true})");
  std::vector<tests::Record> deliveries;
  for (int fact = 2; fact < 20; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run_.kafka().Produce(run_.topics().callbacks, deliveries);
  ASSERT_TRUE(Says("its circuit breaker is open"));
  ASSERT_TRUE(Says("ingest    ready"));
  ingest->Kill();
  ASSERT_TRUE(Says(": no answer: "));
}

TEST_F(Status, AsksTheInstanceOfItsConfigurationIfItIsThere) {
  const auto status = [&](const std::string& admin) {
    const std::string file =
        files_.Write("status.yaml", "admin: " + admin + "\nkafka: { bootstrap.servers: \"" +
                                        tests::Broker::Shared().bootstrap() +
                                        "\" }\ntopics: { callbacks: " + run_.topics().callbacks +
                                        ", seen: " + run_.topics().seen +
                                        ", processes: " + run_.topics().processes +
                                        ", dead: " + run_.topics().dead + " }\n");
    return tests::RunProgram(tests::Binary("sluicectl"), {"status", "--config", file}, seconds(60))
        .output;
  };
  const auto ingest = StartIngest();
  const std::string admin = AdminOf(*ingest, "ingest.listening");
  EXPECT_THAT(status(admin), HasSubstr("http://" + admin + "  ingest "));
  ingest->Kill();
  EXPECT_THAT(status(admin), testing::Not(HasSubstr(admin)));
}

TEST_F(Status, IsDrawnAnewUntilItIsInterrupted) {
  tests::Process watch(tests::Binary("sluicectl"), Arguments({"--watch", "--json"}));
  const auto rounds = [&] {
    const std::string text = watch.StandardOutput();
    return std::count(text.begin(), text.end(), '\n');
  };
  ASSERT_TRUE(tests::WaitUntil([&] { return rounds() >= 2; }, seconds(40))) << watch.Describe();
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.WaitForExit(seconds(20)), 0) << watch.Describe();
}

TEST_F(Status, IsSeenAgainAsDeadLettersCome) {
  tests::Process watch(tests::Binary("sluicectl"), Arguments({"--watch"}));
  ASSERT_TRUE(watch.WaitForOutput("dead letters: 0,", seconds(40))) << watch.Describe();
  const auto letter = [](const std::string& reason) {
    return tests::Record{.key = "k", .value = "v", .headers = {{"dead.reason", reason}}};
  };
  run_.kafka().Produce(run_.topics().dead, {letter("gone"), letter("gone"), letter("malformed")});
  EXPECT_TRUE(
      watch.WaitForOutput("dead letters: 3, in the last hour 3, 2 gone, 1 malformed", seconds(40)))
      << watch.Describe();
}

TEST(StatusWithoutABroker, ShowsInstancesAndFails) {
  const auto shown = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"status", "--bootstrap", "127.0.0.1:9", "--instance", "127.0.0.1:9"}, seconds(60));
  EXPECT_EQ(shown.status, 1);
  EXPECT_THAT(shown.output,
              AllOf(StartsWith("NOT WELL\n  Kafka: "), HasSubstr("http://127.0.0.1:9: no answer")));
}

}  // namespace
}  // namespace ctl
