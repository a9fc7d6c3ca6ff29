#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;

class Instances : public SystemTest {
 protected:
  void AwaitResults(std::int64_t least) {
    ASSERT_TRUE(WaitUntil([&] { return pipeline.CountResults() >= least; }, seconds(30)))
        << "only " << pipeline.CountResults() << " of " << least << " results";
  }
};

TEST_F(Instances, StartRestartAndStopUnderLoadWithoutLossOrDoubles) {
  pipeline.Behave(R"({"latency_ms":10})");
  pipeline.StartIngest();
  pipeline.StartConsumer("a");
  const auto delivery =
      pipeline.StartDelivery({"--count=3000", "--providers=onfido,eid,readid,paper,connect",
                              "--open-loop=500", "--speed=36000", "--duplicate-rate=0.2"});
  ASSERT_NO_FATAL_FAILURE(AwaitResults(200));
  pipeline.StartConsumer("b");
  ASSERT_NO_FATAL_FAILURE(AwaitResults(600));
  EXPECT_EQ(pipeline.consumer("a").Terminate(seconds(10)), 0) << "a graceful restart";
  pipeline.StartConsumer("a");
  ASSERT_NO_FATAL_FAILURE(AwaitResults(1200));
  EXPECT_EQ(pipeline.consumer("b").Terminate(seconds(10)), 0) << "stopped for good";

  const Delivered delivered = delivery->Finish();
  EXPECT_EQ(delivered.Number("acknowledged"), 3000) << delivered.report;
  ExpectExactlyOnce(delivered.callbacks);
  EXPECT_EQ(pipeline.Results().size(), 3000U);
  EXPECT_EQ(pipeline.Markers().size(), 3000U);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

}  // namespace
}  // namespace tests
