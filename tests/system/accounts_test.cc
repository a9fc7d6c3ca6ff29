// Two clients of the Assure API in one consumer, each with a host of its own. One of them is away for a
// while, with more callbacks than its share of memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/harness/metrics_page.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class TwoAccounts : public SystemTest {
 protected:
  TwoAccounts() : acme_(directory_.path(), {}) {
    pipeline.consumer_settings["accounts"] =
        "{ acme: { base_url: \"http://" + acme_.address() + "/assure\", token_url: \"http://" +
        acme_.address() + "/auth/open/connect/token\", client_id: acme, client_secret_file: \"" +
        secret_.string() + "\" } }";
    pipeline.consumer_settings["providers"] = "{ eid: { account: acme } }";
    pipeline.fetch["max_pending"] = "80";  // Each account may have 30 in hand.
    pipeline.fetch["breaker"] = "{ failures: 5, probe_every: 200ms }";
  }

  static std::string Process(const std::string& provider, int number) {
    const std::string digits = std::to_string(100'000'000'000 + number);
    return (provider == "eid" ? "1d0f2c1e-5b6a-4f39-9c55-" : "7d0f2c1e-5b6a-4f39-9c55-") + digits;
  }
  /// Writes callbacks as ingest would.
  void Come(const std::string& provider, int from, int to) {
    std::vector<Record> records;
    for (int i = from; i < to; ++i) {
      const std::string process = Process(provider, i);
      records.push_back(
          {.key = process,
           .value = R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341","processId":")" +
                    process + R"(","status":"accepted"})",
           .headers = {{"provider", provider},
                       {"schema", "1"},
                       {"received-at", "2026-11-23T12:00:00.000Z"},
                       {"request-id", "0123456789abcdef0123456789abcdef"}}});
    }
    pipeline.kafka().Produce(pipeline.topics().callbacks, std::move(records));
  }
  /// The number of results of each process.
  std::map<std::string, int> Count() {
    std::map<std::string, int> results;
    for (const Record& record : pipeline.Results()) ++results[record.key.value_or("")];
    return results;
  }
  std::size_t CountOf(const std::string& provider) {
    std::size_t count = 0;
    for (const auto& [process, number] : Count()) {
      count += process.starts_with(Process(provider, 0).substr(0, 8)) ? 1 : 0;
    }
    return count;
  }
  double OfAcme(const std::string& name) {
    const auto page = MetricsPage::Of(pipeline.consumer_admin());
    return page ? page->Value("sluice_consumer_account_" + name, {{"account", "acme"}}).value_or(-1)
                : -1;
  }

  TempDirectory directory_;
  std::filesystem::path secret_ = directory_.Write("secret", "acme-secret\n");
  AssureApi acme_;
};

TEST_F(TwoAccounts, FailAlone) {
  constexpr int kOfAcme = 200;
  constexpr int kOthers = 300;
  acme_.Behave(R"({"down":true})");
  pipeline.StartConsumer();
  Come("eid", 0, kOfAcme);
  Come("onfido", 0, kOthers);
  ASSERT_TRUE(WaitUntil([&] { return CountOf("onfido") == kOthers; }, seconds(30)))
      << CountOf("onfido") << " of the account that works";
  ASSERT_TRUE(WaitUntil([&] { return OfAcme("breaker_open") == 1; }, seconds(20)));
  ASSERT_TRUE(WaitUntil([&] { return OfAcme("passed_over") > 0; }, seconds(20)));
  EXPECT_LE(OfAcme("pending"), 30);
  EXPECT_EQ(CountOf("eid"), 0U);

  // Fresh ones, while the other account has been away for a while.
  const auto begin = std::chrono::steady_clock::now();
  Come("onfido", kOthers, kOthers + 20);
  ASSERT_TRUE(WaitUntil([&] { return CountOf("onfido") == kOthers + 20; }, seconds(30)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(15));
  const Finished status = RunProgram(Binary("sluicectl"),
                                     {"status", "--config", pipeline.consumer_yaml().string(),
                                      "--instance", pipeline.consumer_admin()},
                                     seconds(30));
  EXPECT_EQ(status.status, 3) << status.output << status.error_output;
  EXPECT_THAT(status.output, HasSubstr("the account acme is away"));

  // A crash reads again what was passed over, and everything since.
  pipeline.consumer().Kill();
  pipeline.LaunchConsumer("a");
  acme_.Behave(R"({"down":false})");
  ASSERT_TRUE(WaitUntil([&] { return CountOf("eid") == kOfAcme; }, seconds(180)))
      << CountOf("eid") << " of the account that was away";
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  for (const auto& [process, number] : Count()) EXPECT_EQ(number, 1) << process;
  EXPECT_EQ(Count().size(), std::size_t{kOfAcme + kOthers + 20});
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
  // A token of the other host would be forged here.
  for (const std::string& admin : {acme_.admin_address(), pipeline.api().admin_address()}) {
    const HttpAnswer stats = Get("http://" + admin + "/stats");
    EXPECT_EQ(stats.status, 200);
    EXPECT_THAT(stats.body, Not(HasSubstr("401"))) << admin;
  }
}

TEST_F(TwoAccounts, FailAloneWithARefusedSecretAfterACrash) {
  constexpr int kOfAcme = 200;
  acme_.Behave(R"({"token_status":401})");
  pipeline.StartConsumer();
  Come("eid", 0, kOfAcme);
  ASSERT_TRUE(WaitUntil([&] { return OfAcme("breaker_open") == 1; }, seconds(30)));
  ASSERT_TRUE(WaitUntil([&] { return OfAcme("passed_over") > 0; }, seconds(20)));
  pipeline.consumer().Kill();
  Come("onfido", 0, 50);
  pipeline.LaunchConsumer("a");
  ASSERT_TRUE(WaitUntil([&] { return CountOf("onfido") == 50; }, seconds(60)))
      << CountOf("onfido") << " behind those of the account that is refused";
  EXPECT_EQ(CountOf("eid"), 0U);
  acme_.Behave(R"({"token_status":200})");
  ASSERT_TRUE(WaitUntil([&] { return CountOf("eid") == kOfAcme; }, seconds(150)));
  for (const auto& [process, number] : Count()) EXPECT_EQ(number, 1) << process;
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

TEST_F(TwoAccounts, LeaveSlowOnesOfOthersTimeWhileTheyCatchUp) {
  constexpr std::size_t kOfAcme = 2'000;
  acme_.Behave(R"({"down":true})");
  pipeline.api().Behave(R"({"latency_ms":2000})");
  pipeline.StartConsumer();
  Come("eid", 0, kOfAcme);
  ASSERT_TRUE(WaitUntil([&] { return OfAcme("passed_over") > 0; }, seconds(30)));
  acme_.Behave(R"({"down":false})");
  ASSERT_TRUE(WaitUntil([&] { return CountOf("eid") > 100; }, seconds(60)));
  Come("onfido", 0, 20);
  ASSERT_TRUE(WaitUntil([&] { return CountOf("onfido") == 20; }, seconds(60)))
      << CountOf("onfido") << " beside " << CountOf("eid");
  EXPECT_LT(CountOf("eid"), kOfAcme) << "it still catches up";
}

TEST_F(TwoAccounts, TakeANewSecretWithoutARestart) {
  pipeline.StartConsumer();
  pipeline.consumer().Signal(SIGHUP);
  ASSERT_TRUE(pipeline.consumer().WaitForOutput("\"event\":\"secrets.reloaded\"", seconds(20)));
  std::filesystem::remove(secret_);
  pipeline.consumer().Signal(SIGHUP);
  ASSERT_TRUE(pipeline.consumer().WaitForOutput("\"event\":\"secrets.not_reloaded\"", seconds(20)));
  Come("eid", 0, 3);
  ASSERT_TRUE(WaitUntil([&] { return CountOf("eid") == 3; }, seconds(30))) << "with the old one";
}

}  // namespace
}  // namespace tests
