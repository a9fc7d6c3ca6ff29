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

/// A client without a broker, with everything that it logs.
struct LonelyClient {
  explicit LonelyClient(int max_level)
      : log(
            logger, "producer-1",
            [this](const ClientLogLine& line) {
              facilities.With([&](auto& all) { all.emplace_back(line.facility); });
            },
            max_level) {
    // Port 9 (discard) of the loopback interface: no server listens there.
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

TEST(ClientLog, WritesLibrdkafkasLogAsLogLines) {
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

TEST(ClientLog, ShowsTheObserverUnwrittenLines) {
  LonelyClient lonely(-1);
  ASSERT_TRUE(tests::WaitUntil([&] { return lonely.HasSeen("FAIL"); }, seconds(10)));
  EXPECT_TRUE(lonely.lines.With([](const auto& all) { return all.empty(); }));
}

TEST(ClientLog, CarriesTheOwnerForOtherCallbacks) {
  LonelyClient lonely(-1);
  EXPECT_EQ(ClientLog::From(rd_kafka_opaque(lonely.client.get())).owner(), &lonely);
}

TEST(ClientLog, HasNoWarningAboutPropertiesOfTheOtherKindOfClient) {
  const Properties shared = {{"bootstrap.servers", "127.0.0.1:9"},
                             {"group.id", "g"},
                             {"session.timeout.ms", "12345"},
                             {"fetch.min.bytes", "77"},
                             {"enable.auto.commit", "false"},
                             {"auto.offset.reset", "earliest"},
                             {"linger.ms", "7"},
                             {"compression.codec", "gzip"},
                             {"queue.buffering.max.kbytes", "99"},
                             {"message.timeout.ms", "9000"}};
  Guarded<std::vector<std::string>> warnings;
  const Logger silent("test", [](std::string_view /*line*/) {});
  ClientLog log(
      silent, "client",
      [&](const ClientLogLine& line) {
        if (line.facility != "CONFWARN") return;
        warnings.With([&](auto& all) { all.emplace_back(line.text); });
      },
      7);
  for (const rd_kafka_type_t type : {RD_KAFKA_PRODUCER, RD_KAFKA_CONSUMER}) {
    Conf conf = *BuildConfOf(type, {&shared});
    log.Attach(conf.get());
    const auto client =
        type == RD_KAFKA_PRODUCER ? NewProducer(std::move(conf)) : NewConsumer(std::move(conf));
    ASSERT_TRUE(client) << client.error().detail;
  }
  EXPECT_THAT(warnings.With([](const auto& all) { return all; }), testing::IsEmpty());
}

}  // namespace
}  // namespace common::kafka
