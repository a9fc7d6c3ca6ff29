#include "common/telemetry/process_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <map>
#include <string>

#include "common/base/rfc3339.h"

namespace common {
namespace {

using testing::Key;
using testing::UnorderedElementsAre;

std::map<std::string, double> Collected(const ProcessMetrics& metrics) {
  std::map<std::string, double> values;
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    const prometheus::ClientMetric& metric = family.metric.at(0);
    values[family.name] =
        family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

double Now() { return std::chrono::duration<double>(WallNow().time_since_epoch()).count(); }

TEST(ProcessMetrics, HaveTheNamesThatPrometheusGivesThem) {
  EXPECT_THAT(Collected(ProcessMetrics()),
              UnorderedElementsAre(Key("process_cpu_seconds_total"),
                                   Key("process_resident_memory_bytes"), Key("process_open_fds"),
                                   Key("process_max_fds"), Key("process_start_time_seconds")));
}

TEST(ProcessMetrics, CountTheCpuTimeOfThisProcess) {
  const ProcessMetrics metrics;
  const double before = Collected(metrics)["process_cpu_seconds_total"];
  const std::clock_t begin = std::clock();
  while (std::clock() - begin < CLOCKS_PER_SEC / 20) {
  }
  const double after = Collected(metrics)["process_cpu_seconds_total"];
  EXPECT_GE(after - before, 0.04);
  EXPECT_LE(after, static_cast<double>(std::clock()) / CLOCKS_PER_SEC + 0.1);
}

TEST(ProcessMetrics, CountOpenDescriptors) {
  const ProcessMetrics metrics;
  const double before = Collected(metrics)["process_open_fds"];
  const std::ifstream file("/proc/self/stat");
  EXPECT_EQ(Collected(metrics)["process_open_fds"], before + 1);
  EXPECT_GT(Collected(metrics)["process_max_fds"], before);
}

TEST(ProcessMetrics, CountAllocatedMemoryAsResident) {
  const ProcessMetrics metrics;
  const double before = Collected(metrics)["process_resident_memory_bytes"];
  constexpr std::size_t kMore = std::size_t{32} << 20U;
  const std::string more(kMore, 'x');
  EXPECT_GE(Collected(metrics)["process_resident_memory_bytes"], before + 0.9 * kMore) << more[0];
}

TEST(ProcessMetrics, KnowWhenTheProcessStarted) {
  const double running = Now() - Collected(ProcessMetrics())["process_start_time_seconds"];
  EXPECT_GT(running, 0);
  EXPECT_LT(running, 600) << "this test's process is young";
}

}  // namespace
}  // namespace common
