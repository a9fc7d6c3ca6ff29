#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/domain/dead_letter.h"
#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using common::LastHeader;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// Operators' work with dead letters, on the built binaries.
class Redrive : public SystemTest {
 protected:
  void SetUp() override {
    pipeline.fetch["not_found_for"] = "200ms";
    const common::TopicNames& topics = pipeline.topics();
    config_ = directory_.Write("ctl.yaml",
                               "kafka: { bootstrap.servers: \"" + Broker::Shared().bootstrap() +
                                   "\" }\ntopics: { callbacks: " + topics.callbacks +
                                   ", seen: " + topics.seen + ", processes: " + topics.processes +
                                   ", dead: " + topics.dead + " }\n");
    pipeline.StartIngest();
    pipeline.StartConsumer();
  }

  void Send(const std::string& status) {
    const int answer = Post(pipeline.target() + "/eid",
                            R"({"dossierId":"d","processId":"p","status":")" + status + "\"}",
                            {{"Authorization", Pipeline::kAuthorization}})
                           .status;
    ASSERT_EQ(answer, 200);
  }

  void AwaitLetters(std::size_t count) {
    ASSERT_TRUE(WaitUntil([&] { return pipeline.DeadLetters().size() >= count; }, seconds(60),
                          milliseconds(100)));
    ASSERT_EQ(pipeline.DeadLetters().size(), count);
  }

  void AwaitResults(std::size_t count) {
    EXPECT_TRUE(WaitUntil([&] { return pipeline.Results().size() >= count; }, seconds(60),
                          milliseconds(100)));
  }

  /// Runs `sluicectl dead redrive` and returns its output.
  std::string RunRedrive(std::vector<std::string> filter) {
    filter.insert(filter.begin(), {"dead", "redrive", "--config", config_});
    const Finished finished = RunProgram(Binary("sluicectl"), filter, seconds(60));
    EXPECT_EQ(finished.status, 0) << finished.error_output;
    return finished.output;
  }

  static std::string Header(const Record& record, std::string_view name) {
    return std::string(LastHeader(record.headers, name).value_or("(none)"));
  }

  TempDirectory directory_;
  std::string config_;
};

TEST_F(Redrive, PublishesOneResultHoweverOftenALetterIsRedriven) {
  pipeline.Behave(R"({"missing":["p"]})");
  Send("accepted");
  AwaitLetters(1);
  EXPECT_THAT(NamesOf(pipeline.Results()), IsEmpty());

  pipeline.Behave(R"({"missing":[]})");
  EXPECT_EQ(RunRedrive({"--id", "p"}), "redrove 1 letter\n");
  AwaitResults(1);
  EXPECT_EQ(RunRedrive({"--all"}), "redrove 0 letters; skipped 1, redriven before\n");
  EXPECT_EQ(RunRedrive({"--id", "p", "--again"}), "redrove 1 letter\n");
  EXPECT_EQ(RunRedrive({"--all", "--again"}), "redrove 1 letter\n");
  // A redelivery of the original is the same fact.
  Send("accepted");
  // Goes to the same partition, so once it is disposed of, everything before it is, too.
  Send("rejected");
  AwaitResults(2);
  EXPECT_THAT(NamesOf(pipeline.Results()), ElementsAre("eid d p accepted", "eid d p rejected"));
  EXPECT_EQ(pipeline.Callbacks().size(), 6U);
  EXPECT_EQ(pipeline.DeadLetters().size(), 1U);
}

TEST_F(Redrive, MakesANewRedrivableLetterIfTheCallbackDiesAgain) {
  pipeline.Behave(R"({"missing":["p"]})");
  Send("accepted");
  AwaitLetters(1);
  EXPECT_EQ(RunRedrive({"--reason", "gone"}), "redrove 1 letter\n");
  AwaitLetters(2);
  const std::vector<Record> letters = pipeline.DeadLetters();
  const auto& [first, second] = std::tie(letters[0], letters[1]);
  EXPECT_EQ(Header(first, "dead.redrives"), "0");
  EXPECT_EQ(Header(second, "dead.redrives"), "1");
  EXPECT_EQ(Header(second, "dead.reason"), "gone");
  EXPECT_EQ(Header(second, "redrive"),
            common::RedriveName(pipeline.topics().dead, {common::Partition(first.partition),
                                                         common::Offset(first.offset)}));
  EXPECT_EQ(second.key, first.key);
  EXPECT_EQ(second.value, first.value);
  EXPECT_EQ(Header(second, "request-id"), Header(first, "request-id"));

  // The first letter is now a duplicate of its own redrive; the second is new.
  pipeline.Behave(R"({"missing":[]})");
  EXPECT_EQ(RunRedrive({"--all", "--again"}), "redrove 2 letters\n");
  AwaitResults(1);
  Send("rejected");
  AwaitResults(2);
  EXPECT_THAT(NamesOf(pipeline.Results()), ElementsAre("eid d p accepted", "eid d p rejected"));
  EXPECT_EQ(pipeline.DeadLetters().size(), 2U);
  const Record redriven = pipeline.Callbacks().at(3);
  EXPECT_EQ(Header(redriven, "dead.redrives"), "2");
  EXPECT_EQ(Header(redriven, "dead.reason"), "(none)");
}

TEST_F(Redrive, MakesANewLetterOfAnUnreadableCallback) {
  const HttpAnswer answer =
      Post(pipeline.target() + "/eid", "not JSON", {{"Authorization", Pipeline::kAuthorization}});
  ASSERT_EQ(answer.status, 200);
  AwaitLetters(1);
  EXPECT_EQ(RunRedrive({"--reason", "malformed"}), "redrove 1 letter\n");
  AwaitLetters(2);
  EXPECT_EQ(Header(pipeline.DeadLetters()[1], "dead.redrives"), "1");
  EXPECT_THAT(NamesOf(pipeline.Results()), IsEmpty());
}

}  // namespace
}  // namespace tests
