#include "tests/soak/footprint.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace soak {
namespace {

TEST(Footprint, ReadsSizesFromAProcessStatus) {
  const char* status = "Name:\tingest\nVmRSS:\t   12345 kB\nRssAnon:\t    678 kB\nThreads:\t9\n";
  EXPECT_EQ(SizeIn(status, "VmRSS"), 12345);
  EXPECT_EQ(SizeIn(status, "RssAnon"), 678);
  EXPECT_EQ(SizeIn(status, "VmSwap"), 0);
}

TEST(Footprint, MeasuresALivingProcess) {
  const Footprint own = FootprintOf(::getpid());
  EXPECT_GT(own.resident_kib, own.anonymous_kib);
  EXPECT_GT(own.anonymous_kib, 0);
  EXPECT_GE(own.descriptors, 3);
}

TEST(Footprint, FindsTheLargestSizeInAShareOfTheSamples) {
  std::vector<Footprint> samples;
  for (const int size : {90, 10, 20, 30, 40, 50, 60, 70}) {
    samples.push_back({.resident_kib = size});
  }
  EXPECT_EQ(LargestResident(samples, 25, 50), 30);
  EXPECT_EQ(LargestResident(samples, 75, 100), 70);
  EXPECT_EQ(LargestResident({}, 0, 100), 0);
}

}  // namespace
}  // namespace soak
