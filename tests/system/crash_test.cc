#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

class Crash : public SystemTest {
 protected:
  /// Waits until `count()` is at least `least`.
  template <typename Count>
  void Await(Count count, std::int64_t least, const char* what) {
    ASSERT_TRUE(WaitUntil([&] { return count() >= least; }, seconds(30)))
        << "only " << count() << " of " << least << " " << what;
  }
};

TEST_F(Crash, OfConsumerUnderLoadLosesAndDoublesNothing) {
  pipeline.Behave(R"({"latency_ms":20})");
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto delivery =
      pipeline.StartDelivery({"--count=2000", "--providers=onfido,eid,readid,paper,connect",
                              "--open-loop=500", "--speed=36000", "--duplicate-rate=0.2"});
  for (const std::int64_t results : {200, 500, 800, 1100, 1400}) {
    ASSERT_NO_FATAL_FAILURE(Await([&] { return pipeline.CountResults(); }, results, "results"));
    pipeline.consumer().Kill();
    pipeline.StartConsumer();
  }
  const Delivered delivered = delivery->Finish();
  EXPECT_EQ(delivered.Number("acknowledged"), 2000) << delivered.report;
  ExpectExactlyOnce(delivered.callbacks);
  EXPECT_EQ(pipeline.Results().size(), 2000U);
  EXPECT_EQ(pipeline.Markers().size(), 2000U);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

TEST_F(Crash, OfIngestUnderLoadLosesNo200) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto delivery =
      pipeline.StartDelivery({"--count=2500", "--providers=onfido:4,eid:3,readid:3,paper,connect",
                              "--open-loop=1000", "--speed=3600", "--concurrency=64"});
  for (const std::int64_t callbacks : {300, 1000}) {
    ASSERT_NO_FATAL_FAILURE(
        Await([&] { return pipeline.CountCallbacks(); }, callbacks, "callbacks"));
    pipeline.ingest().Kill();
    pipeline.StartIngest();
  }
  const Delivered delivered = delivery->Finish();
  EXPECT_GT(delivered.Number("attempts"), 2500) << "no delivery fell into the outage";
  for (const SentCallback& callback : delivered.callbacks) {
    const bool sends_once = callback.provider == "paper" || callback.provider == "connect";
    EXPECT_TRUE(callback.is_acknowledged || sends_once)
        << callback.Name() << " was given up by its provider";
  }
  ExpectExactlyOnce(delivered.callbacks);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

TEST_F(Crash, OfTheAssureApiCostsNoCallback) {
  pipeline.fetch["breaker"] = "{ failures: 5, probe_every: 500ms }";
  pipeline.StartIngest();
  pipeline.StartConsumer();
  ASSERT_EQ(pipeline.Deliver({"--count=50"}).Number("acknowledged"), 50);
  ASSERT_TRUE(pipeline.AwaitAllDisposed());

  pipeline.Behave(R"({"down":true})");
  const Delivered delivered = pipeline.Deliver({"--count=300", "--concurrency=16"});
  EXPECT_EQ(delivered.Number("acknowledged"), 300) << "ingest must be unaffected";
  EXPECT_EQ(pipeline.Results().size(), 50U);
  pipeline.Behave("{}");
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  EXPECT_EQ(pipeline.Results().size(), 350U);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

}  // namespace
}  // namespace tests
