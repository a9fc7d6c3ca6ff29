#include "common/kafka/client_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "common/base/guarded.h"
#include "common/json/api_answer.h"
#include "common/kafka/client_config.h"
#include "tests/support/wait_until.h"

namespace common::kafka {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

/// A client that nobody answers, with everything that it says.
struct LonelyClient {
  explicit LonelyClient(int max_level)
      : log(
            logger, "producer-1",
            [this](const ClientLogLine& line) {
              facilities.With([&](auto& all) { all.emplace_back(line.facility); });
            },
            max_level) {
    // Port 9 (discard) of the loopback: nobody listens there.
    const Properties properties = {{"bootstrap.servers", "127.0.0.1:9"}, {"log_level", "6"}};
    Conf conf = *BuildConf({&properties});
    log.Attach(conf.get(), this);
    client = *NewProducer(std::move(conf));
  }

  bool HasSeen(const std::string& facility) {
    rd_kafka_poll(client.get(), 0);  // Serves error_cb.
    return facilities.With(
        [&](const auto& all) { return std::find(all.begin(), all.end(), facility) != all.end(); });
  }

  Guarded<std::vector<std::string>> lines;
  Guarded<std::vector<std::string>> facilities;
  Logger logger{"ingest", [this](std::string_view line) {
                  lines.With([&](auto& all) { all.emplace_back(line); });
                }};
  ClientLog log;
  Handle client;  // Last: its threads write to the members above.
};

TEST(ClientLog, TurnsWhatLibrdkafkaSaysIntoLogLines) {
  LonelyClient lonely(6);
  ASSERT_TRUE(tests::WaitUntil([&] { return lonely.HasSeen("FAIL"); }, seconds(10)));
  ASSERT_TRUE(tests::WaitUntil([&] { return lonely.HasSeen("_ALL_BROKERS_DOWN"); }, seconds(10)));
  const auto lines = lonely.lines.With([](const auto& all) { return all; });
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr(R"("event":"kafka.log","level":"error")"),
                                    HasSubstr(R"("client":"producer-1","facility":"FAIL")"),
                                    HasSubstr("Connection refused"))));
  EXPECT_THAT(lines, Contains(HasSubstr(R"("facility":"_ALL_BROKERS_DOWN")")));
  for (const std::string& line : lines) EXPECT_TRUE(json::ReadResourceAnswer(line)) << line;
}

TEST(ClientLog, ShowsItsObserverWhatItDoesNotWrite) {
  LonelyClient lonely(-1);
  ASSERT_TRUE(tests::WaitUntil([&] { return lonely.HasSeen("FAIL"); }, seconds(10)));
  EXPECT_TRUE(lonely.lines.With([](const auto& all) { return all.empty(); }));
}

TEST(ClientLog, CarriesTheOwnerOfTheClientsOtherCallbacks) {
  LonelyClient lonely(-1);
  EXPECT_EQ(ClientLog::From(rd_kafka_opaque(lonely.client.get())).owner(), &lonely);
}

}  // namespace
}  // namespace common::kafka
