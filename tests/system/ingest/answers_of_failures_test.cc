#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/broker.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"
#include "tests/system/ingest/table_world.h"

// The part of the answer table that a failing broker causes, with and without a spool.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;

std::string SpoolIn(const tests::TempDirectory& directory, const std::string& bounds) {
  return "spool: { path: " + (directory.path() / "spool.db").string() + ", " + bounds + " }\n";
}

TEST(AnswerTableOfAFailingBroker, HoldsWhileTheBrokerIsFrozenDownAndBack) {
  const auto broker = tests::Broker::Start();
  tests::KafkaClient kafka(broker->bootstrap());
  auto options = TableOptions("ack_deadline: 1s\n");
  options.bootstrap = broker->bootstrap();
  options.topic = kafka.CreateUniqueTopic("callbacks", {.partitions = 6});
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));

  // The acks arrive after the deadline has answered, and must change nothing.
  broker->Freeze(1);
  std::vector<std::unique_ptr<tests::RawClient>> clients;
  for (const Sender& sender : Senders()) {
    clients.push_back(std::make_unique<tests::RawClient>(ingest.port()));
    clients.back()->Send(Post({sender, "-", "{}"}));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto answer = clients[i]->Read(seconds(9)).value_or(tests::RawAnswer{});
    EXPECT_EQ(std::to_string(answer.status), kNotDurable[Senders()[i].column]) << Senders()[i].name;
  }
  ExpectTable(ingest, "the broker stands still", AcceptedRequests(), kNotDurable);
  broker->Thaw(1);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(20)));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->Send(Post({Senders()[i], "-", "{}"}, {.authorization = ""}));
    const auto answer = clients[i]->Read(seconds(9)).value_or(tests::RawAnswer{});
    EXPECT_EQ(answer.status, 401) << "after a late acknowledgement: " << Senders()[i].name;
  }

  broker->Kill(1);
  ExpectTable(ingest, "the broker is gone", AcceptedRequests(), kNotDurable);
  broker->Restart(1);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(30)));
  ExpectTable(ingest, "the broker is back", AcceptedRequests(), kDurable);
  ExpectQuiet(ingest);
  ExpectContracts(kafka, options.topic);
}

TEST(AnswerTableOfAFailingBroker, HoldsWithASpoolWhoseCallbacksReachTheTopic) {
  const auto broker = tests::Broker::Start();
  tests::KafkaClient kafka(broker->bootstrap());
  const tests::TempDirectory directory;
  auto options = TableOptions("ack_deadline: 500ms\n" + SpoolIn(directory, "min_free_disk: 1MiB"));
  options.bootstrap = broker->bootstrap();
  options.topic = kafka.CreateUniqueTopic("callbacks", {.partitions = 6});
  broker->Kill(1);
  RunningIngest ingest(options);
  const TableResult result = ExpectTable(ingest, "no broker, a spool", AllRequests(), kSpooled);
  broker->Restart(1);
  ASSERT_TRUE(tests::WaitUntil(
      [&] { return ingest.Metrics().find("sluice_ingest_spool_records 0\n") != std::string::npos; },
      seconds(30)));
  const std::vector<tests::Record> records = kafka.ReadAll(options.topic);
  EXPECT_THAT(FindDifferences(result, records, Copies::kAtLeast), IsEmpty());
  ExpectQuiet(ingest);
  ExpectContracts(kafka, options.topic);
}

TEST(AnswerTableOfAFullSpool, HoldsLikeWithoutASpool) {
  const tests::TempDirectory directory;
  RunningIngest ingest(
      TableOptions("ack_deadline: 500ms\n" + SpoolIn(directory, "min_free_disk: 1000000GiB")));
  ExpectTable(ingest, "a spool without room", AllRequests(), kNotDurable);
}

TEST(AnswerTableOfAFullSpool, HoldsOnceMaxBytesIsReached) {
  const tests::TempDirectory directory;
  RunningIngest ingest(TableOptions("ack_deadline: 500ms\n" +
                                    SpoolIn(directory, "max_bytes: 2KiB, min_free_disk: 1MiB")));
  const Asking last{Senders().back(), "-", "{}"};
  tests::RawClient client(ingest.port());
  client.Send(Post(last));
  ASSERT_EQ(client.Read(seconds(9)).value_or(tests::RawAnswer{}).status, 200)
      << "the spool has room for one callback";
  ExpectTable(ingest, "a full spool", OneRequest(), kNotDurable);
}

TEST(AnswerTableOfASpool, HoldsWhileDrainingWithoutABroker) {
  const tests::TempDirectory directory;
  RunningIngest ingest(TableOptions(kDrains + SpoolIn(directory, "min_free_disk: 1MiB")));
  ExpectThroughADrain(ingest, kSpooled);
}

}  // namespace
}  // namespace ingest
