#include "ingest/spool/spool_inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace ingest {
namespace {

using std::chrono::milliseconds;

class SpoolInboxTest : public ::testing::Test {
 protected:
  SpoolInboxTest() {
    inbox.Recount(0);
    inbox.WithLedger([](SpoolLedger& ledger) {
      ledger.FreeDiskIs(1'000'000'000);
      ledger.Counted({}, true);
    });
    inbox.SetWritable(true);
  }

  bool Offer(CallbackNumber number) {
    common::Envelope envelope;
    envelope.provider = "paper";
    envelope.body = std::to_string(number);
    return inbox.Offer(number, std::move(envelope));
  }
  std::vector<CallbackNumber> Take() {
    return inbox.Take(common::Deadline::After(milliseconds(0))).queued->numbers;
  }
  void Pass(int ms) { now += milliseconds(ms); }

  common::ProviderTable providers;
  SpoolInbox::TimePoint now{};
  LoadBounds queue{.max_requests = 4, .max_bytes = 1'000};
  SpoolInbox inbox{
      {.max_bytes = 100'000, .min_free_disk = 1'000, .max_body = 1'000}, queue, providers, [this] {
        return now;
      }};
};

TEST_F(SpoolInboxTest, StallsIfOneRequestTakesTooLongAndNotIfSeveralTogetherDo) {
  Take();
  ASSERT_TRUE(Offer(1));
  for (int request = 0; request < 5; ++request) {
    Pass(900);
    EXPECT_FALSE(inbox.IsStalled());
    EXPECT_TRUE(inbox.HasRoom());
    inbox.DiskHasAnswered();
  }
  EXPECT_TRUE(inbox.FindStalled()) << "it waits long, so Kafka gets it, too";
  Pass(1'001);
  EXPECT_TRUE(inbox.IsStalled());
  EXPECT_FALSE(inbox.HasRoom());
  EXPECT_FALSE(Offer(2));
  inbox.DiskHasAnswered();
  EXPECT_TRUE(Offer(3));
}

}  // namespace
}  // namespace ingest
