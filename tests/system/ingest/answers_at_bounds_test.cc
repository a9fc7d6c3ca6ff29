#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/ingest/table_world.h"

// The part of the answer table that depends on load and on slow acknowledgements.
namespace ingest {
namespace {

using std::chrono::seconds;

// How long librdkafka waits to fill a batch.
constexpr const char* kSlowly = ", linger.ms: 2000";

TEST_F(AnswerTableTest, HoldsBeyondTheAnswerDeadline) {
  RunningIngest ingest(Options("ack_deadline: 4s\nanswer_deadline: 5s\n", kSlowly));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  // The third request's own ack would arrive 6 s after its first byte.
  const RequestVariant variant{
      .name = "three in a row, 2 s each",
      .expected = {"A, A, 503", "A, A, 503", "A, A, 429", "A, A, 503", "A, A, 429"},
      .ask = [](const Asking& asking) { return Post(asking) + Post(asking) + Post(asking); }};
  ExpectTable(ingest, "beyond the answer deadline", {variant}, kDurable);
}

TEST_F(AnswerTableTest, HoldsWhileTheProducersQueueIsFull) {
  RunningIngest ingest(
      Options("ack_deadline: 8s\n",
              ", linger.ms: 5000, message.timeout.ms: 9000, queue.buffering.max.messages: 1"));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  tests::RawClient waiting(ingest.port());
  const Asking first{Senders()[0], "-", "{}"};
  waiting.Send(Post(first));
  ASSERT_TRUE(tests::WaitUntil(
      [&] { return ingest.Metrics().find("sluice_ingest_in_flight 1\n") != std::string::npos; },
      seconds(3)));
  ExpectTable(ingest, "queue full", OneRequest(), kNotDurable);
  EXPECT_EQ(waiting.Read(seconds(9)).value_or(tests::RawAnswer{}).status, 200);
}

class AnswerTableOfWorkersTest : public AnswerTableTest,
                                 public ::testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Threads, AnswerTableOfWorkersTest, ::testing::Values(1, 2, 4),
                         ::testing::PrintToStringParamName());

TEST_P(AnswerTableOfWorkersTest, HoldsForConnectionsBeyondTheLimit) {
  RunningIngest ingest(
      Options("max_connections: 1\nthreads: " + std::to_string(GetParam()) + "\nack_deadline: 8s\n",
              ", linger.ms: 6000, message.timeout.ms: 9000"));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  tests::RawClient only(ingest.port());
  only.Send(Post({Senders()[0], "-", "{}"}));
  const auto is_busy = [&] {
    return ingest.Metrics().find("sluice_ingest_in_flight 1\n") != std::string::npos;
  };
  ASSERT_TRUE(tests::WaitUntil(is_busy, seconds(5)));
  ExpectTable(ingest, "too many connections", OneRequest(), Same("429 close"));
}

TEST_F(AnswerTableTest, HoldsAtTheBoundInFlightInTheOrderOfRefusalCosts) {
  RunningIngest ingest(Options("max_in_flight: 10\nack_deadline: 8s\n",
                               ", linger.ms: 5000, message.timeout.ms: 9000"));
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  std::vector<std::unique_ptr<tests::RawClient>> waiting;
  const auto ask = [&](const Sender& sender) {
    auto client = std::make_unique<tests::RawClient>(ingest.port());
    client->Send(Post({sender, "-", "{}"}));
    return client;
  };
  const auto wait = [&](const Sender& sender) {
    waiting.push_back(ask(sender));
    const std::string line = "sluice_ingest_in_flight " + std::to_string(waiting.size()) + "\n";
    ASSERT_TRUE(tests::WaitUntil([&] { return ingest.Metrics().find(line) != std::string::npos; },
                                 seconds(3)))
        << sender.name << " is not taken in";
  };
  std::size_t refused = 0;
  const auto expect_refused = [&](Column column) {
    for (const Sender& sender : Senders()) {
      if (sender.column != column) continue;
      const auto answer = ask(sender)->Read(seconds(3)).value_or(tests::RawAnswer{});
      EXPECT_EQ(std::to_string(answer.status), kNotDurable[column]) << sender.name;
      EXPECT_EQ(answer.body, "too busy, send it again\n") << sender.name;
      ++refused;
    }
  };
  const auto sender = [](Column column) {
    for (const Sender& candidate : Senders()) {
      if (candidate.column == column) return candidate;
    }
    return Senders()[0];
  };
  for (int i = 0; i < 7; ++i) wait(sender(kOneShot));
  expect_refused(kOnfido);
  wait(sender(kEid));
  expect_refused(kOnfido);
  expect_refused(kEid);
  wait(sender(kReadId));
  expect_refused(kEid);
  expect_refused(kReadId);
  wait(sender(kUnknown));
  for (const Column column : {kOnfido, kEid, kReadId, kOneShot, kUnknown}) expect_refused(column);
  for (const auto& client : waiting) {
    EXPECT_EQ(client->Read(seconds(9)).value_or(tests::RawAnswer{}).status, 200);
  }
  std::printf("answer table, in-flight bound: %zu refusals\n", refused);
}

}  // namespace
}  // namespace ingest
