// One record that a topic refuses never stops the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/support/broker.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int kOrdinary = 40;

[[nodiscard]] tests::Record FutureDelivery() {
  tests::Record record = ConsumerRun::Delivery(kOrdinary);
  record.timestamp_ms = (common::WallNow() + hours(2)).time_since_epoch().count();
  return record;
}

[[nodiscard]] bool CommitsWithin(ConsumerRun& run, std::int64_t offset, seconds limit) {
  return tests::WaitUntil([&] { return run.Committed() == offset; }, limit, milliseconds(200));
}

// Kafka 4 refuses it on callbacks, too, unless the topic says otherwise; a mirror from an older
// cluster brings such records.
TEST(RefusedRecord, OfAnHourAheadIsPublishedOnceWithAllOthers) {
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 1, 1,
                  {{"message.timestamp.after.max.ms", "360000000"}});
  std::vector<tests::Record> deliveries{FutureDelivery()};
  for (int fact = 0; fact < kOrdinary; ++fact) deliveries.push_back(ConsumerRun::Delivery(fact));
  run.kafka().Produce(run.topics().callbacks, deliveries);
  {
    const auto instance = run.Start("a");
    EXPECT_TRUE(run.PublishedWithin(kOrdinary + 1, seconds(20))) << instance->Describe();
    run.kafka().Produce(run.topics().callbacks, {FutureDelivery()});
    EXPECT_TRUE(CommitsWithin(run, kOrdinary + 2, seconds(20))) << instance->Describe();
    instance->Kill();
  }
  run.kafka().Produce(run.topics().callbacks, {FutureDelivery()});
  const auto restarted = run.Start("a");
  EXPECT_TRUE(CommitsWithin(run, kOrdinary + 3, seconds(40))) << restarted->Describe();
  const auto published = run.Counts(run.topics().processes);
  EXPECT_THAT(published, SizeIs(kOrdinary + 1));
  EXPECT_THAT(published, Each(Pair(::testing::_, 1)));
}

}  // namespace
}  // namespace consumer
