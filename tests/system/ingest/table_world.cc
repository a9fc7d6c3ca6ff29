#include "tests/system/ingest/table_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "tests/harness/broker.h"
#include "tests/harness/contracts.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Measures the longest time in which this process did not run.
class StallWatch {
 public:
  StallWatch()
      : thread_([this](const std::stop_token& stop) {
          using Clock = std::chrono::steady_clock;
          for (auto last = Clock::now(); !stop.stop_requested();) {
            std::this_thread::sleep_for(milliseconds(20));
            const auto now = Clock::now();
            const auto gap = std::chrono::duration_cast<milliseconds>(now - last);
            if (gap > longest_.load()) longest_ = gap;
            last = now;
          }
        }) {}

  [[nodiscard]] milliseconds longest() const { return longest_; }

 private:
  std::atomic<milliseconds> longest_ = milliseconds(0);
  std::jthread thread_;  // Last: its destructor joins the thread that uses the member above.
};

}  // namespace

std::vector<RequestVariant> AllRequests() {
  std::vector<RequestVariant> all = SlowRequests();
  for (const auto& more :
       {AcceptedRequests(), RefusedRequests(), MalformedRequests(), RequestsOutsideThePrefix()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::vector<RequestVariant> OneRequest() { return {AcceptedRequests().front()}; }

std::string ProvidersWith(std::string_view value) {
  std::string providers;
  for (const char* name :
       {"onfido", "eid", "readid", "paper", "connect", "webid", "pictureid", "unknown"}) {
    providers += "  " + std::string(name) + ": " + std::string(value) + "\n";
  }
  return providers;
}

RunningIngest::Options TableOptions(const std::string& more) {
  RunningIngest::Options options;
  options.providers = "";
  for (const char* name :
       {"onfido", "eid", "readid", "paper", "connect", "webid", "pictureid", "unknown"}) {
    *options.providers +=
        "  " + std::string(name) + ": { authorization: [\"" + SecretOf(name) + "\"] }\n";
  }
  options.more = "max_body: " + std::to_string(kMaxBody) +
                 "\nmax_head: " + std::to_string(kMaxHead) + "\nheader_timeout: 2s\n" + more;
  for (const char* line : {"body_timeout: 2s\n", "drain_delay: 0ms\n"}) {
    const std::string key(line, std::string_view(line).find(':') + 1);
    if (more.find(key) == std::string::npos) options.more += line;
  }
  return options;
}

TableResult ExpectTable(RunningIngest& ingest, const char* what,
                        const std::vector<RequestVariant>& variants, const Expected& accepted) {
  constexpr milliseconds kStall{500};
  TableResult result;
  for (std::size_t attempt = 0; attempt < 3; ++attempt) {
    const StallWatch watch;
    TableResult run = RunTable(ingest.port(), variants, accepted, attempt * 1'000'000);
    if (attempt > 0) run.Repeat(result);
    result = std::move(run);
    if (result.mismatches.empty() || watch.longest() < kStall) break;
    std::printf("answer table: once more, the machine stood still for %lld ms\n",
                static_cast<long long>(watch.longest().count()));
  }
  std::printf("answer table, %s: %zu variants x %zu senders = %zu cells, slowest answer %lld ms\n",
              what, variants.size(), Senders().size(), variants.size() * Senders().size(),
              static_cast<long long>(result.slowest.count()));
  EXPECT_THAT(result.mismatches, IsEmpty());
  return result;
}

void ExpectQuiet(RunningIngest& ingest) {
  EXPECT_THAT(ingest.process().StandardError(), Not(HasSubstr(std::string(kNeedle))));
  EXPECT_THAT(ingest.process().StandardOutput(), IsEmpty());
  EXPECT_THAT(ingest.Metrics(), Not(HasSubstr(std::string(kNeedle))));
}

void ExpectThroughADrain(RunningIngest& ingest, const Expected& expected) {
  std::vector<std::unique_ptr<tests::RawClient>> clients;
  for (const Sender& sender : Senders()) {
    const std::string request = Post({sender, "-", "{}"});
    clients.push_back(std::make_unique<tests::RawClient>(ingest.port()));
    clients.back()->Send(request.substr(0, request.size() - 1));
  }
  tests::RawClient idle(ingest.port());
  ingest.process().Signal(SIGTERM);
  ASSERT_TRUE(ingest.process().WaitForOutput("ingest.draining", seconds(5)));
  for (const Sender& sender : Senders()) {
    tests::RawClient late(ingest.port());
    late.Send(Post({sender, "-", "{}"}));
    const auto answer = late.Read().value_or(tests::RawAnswer{});
    EXPECT_EQ(std::to_string(answer.status), expected[sender.column])
        << sender.name << ", a new connection during the delay";
  }
  ASSERT_TRUE(tests::WaitUntil([&] { return !tests::RawClient(ingest.port()).IsConnected(); },
                               seconds(10)));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->Send("}");
    const auto answer = clients[i]->Read().value_or(tests::RawAnswer{});
    EXPECT_EQ(std::to_string(answer.status), expected[Senders()[i].column]) << Senders()[i].name;
    EXPECT_EQ(answer.Field("Connection"), "close") << Senders()[i].name;
    EXPECT_TRUE(clients[i]->IsClosedWithin()) << Senders()[i].name;
  }
  EXPECT_EQ(ingest.process().WaitForExit(seconds(15)), 0) << ingest.process().Describe();
  EXPECT_EQ(idle.ReadToEnd(), "") << "an idle connection must close without an answer";
  std::printf("answer table, draining: %zu answers\n", 2 * clients.size());
}

void ExpectContracts(tests::KafkaClient& kafka, const std::string& topic) {
  if (kafka.ReadAll(topic).empty()) return;
  EXPECT_EQ(
      tests::ContractBreaches(
          kafka, {.callbacks = topic, .seen = {}, .processes = {}, .dead = {}, .expected = {}}),
      "");
}

void AnswerTableTest::TearDown() {
  if (!HasFailure()) ExpectContracts(kafka, topic);
}

AnswerTableTest::AnswerTableTest()
    : kafka(tests::Broker::Shared().bootstrap()),
      topic(kafka.CreateUniqueTopic("callbacks", {.partitions = 6})) {}

RunningIngest::Options AnswerTableTest::Options(const std::string& more,
                                                const std::string& more_kafka) const {
  RunningIngest::Options options = TableOptions(more);
  options.bootstrap = tests::Broker::Shared().bootstrap();
  options.topic = topic;
  options.more_kafka = more_kafka;
  return options;
}

}  // namespace ingest
