#include "common/tracing/sampler.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/text.h"
#include "tests/support/seed.h"

namespace common::tracing {
namespace {

TraceId IdEndingIn(std::string_view hex) {
  const auto context =
      ParseTraceparent("00-0af7651916cd43dd" + std::string(hex) + "-b7ad6b7169203331-00");
  return context.value().trace;
}

TEST(Sampler, DecidesByTheLastEightBytesOfTheTraceId) {
  const struct {
    std::string_view end;
    double ratio;
    bool takes;
  } kCases[] = {
      {"0000000000000000", 0, false},       {"ffffffffffffffff", 0, false},
      {"0000000000000000", 1, true},        {"ffffffffffffffff", 1, true},
      {"0000000000000000", 0.000001, true}, {"7fffffffffff0000", 0.5, true},
      {"8000000000000000", 0.5, false},     {"3fffffffffff0000", 0.25, true},
      {"4000000000000000", 0.25, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.end) + " at " + std::to_string(c.ratio));
    EXPECT_EQ(Sampler(c.ratio).Samples(IdEndingIn(c.end)), c.takes);
  }
}

TEST(Sampler, SamplesItsShareAndAllThatALowerRatioSamples) {
  TraceIds ids(tests::Seed());
  constexpr int kTraces = 20'000;
  int taken = 0;
  for (int i = 0; i < kTraces; ++i) {
    const TraceId trace = ids.NewTrace();
    const bool is_taken = Sampler(0.1).Samples(trace);
    EXPECT_TRUE(!is_taken || Sampler(0.2).Samples(trace));
    taken += is_taken ? 1 : 0;
  }
  EXPECT_NEAR(taken, kTraces / 10, 250);  // Six standard deviations.
}

TEST(Sampler, FollowsTheCallerUnlessToldNotTo) {
  const TraceId trace = IdEndingIn("8000000000000000");
  const TraceContext sampled{.trace = trace, .span = {}, .is_sampled = true};
  const TraceContext unsampled{.trace = trace, .span = {}, .is_sampled = false};
  EXPECT_TRUE(Sampler(0).Samples(trace, sampled));
  EXPECT_FALSE(Sampler(1).Samples(trace, unsampled));
  EXPECT_FALSE(Sampler(0, false).Samples(trace, sampled));
  EXPECT_TRUE(Sampler(1, false).Samples(trace, unsampled));
}

}  // namespace
}  // namespace common::tracing
