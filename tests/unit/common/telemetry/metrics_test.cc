#include "common/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>

namespace common {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Text(const prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

TEST(Metrics, ExportEverySeriesFromTheStart) {
  prometheus::Registry registry;
  const CounterByLabels answers(registry, {"answers_total", "Answers."},
                                {{"provider", {"unknown", "eid"}}, {"status", {"200", "503"}}});
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("# HELP answers_total Answers.\n# TYPE answers_total counter\n"));
  for (const std::string provider : {"unknown", "eid"}) {
    for (const std::string status : {"200", "503"}) {
      EXPECT_THAT(text, HasSubstr("answers_total{provider=\"" + provider + "\",status=\"" + status +
                                  "\"} 0\n"));
    }
  }
}

TEST(Metrics, FindAChildByThePositionsOfItsLabelValues) {
  prometheus::Registry registry;
  const CounterByLabels answers(registry, {"answers_total", ""},
                                {{"provider", {"unknown", "eid"}}, {"status", {"200", "503"}}});
  answers.At(1, 0).Increment();
  EXPECT_THAT(Text(registry), HasSubstr("answers_total{provider=\"eid\",status=\"200\"} 1\n"));
}

TEST(Metrics, SupportOneLabelAndEveryType) {
  prometheus::Registry registry;
  const GaugeByLabels gauges(registry, {"g", ""}, {{"x", {"a", "b"}}});
  const HistogramByLabels histograms(registry, {"h", ""}, {{"x", {"a", "b"}}}, {0.5, 1});
  gauges.At(1).Set(4);
  histograms.At(0).Observe(0.7);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("g{x=\"b\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{x=\"a\",le=\"0.5\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{x=\"a\",le=\"1\"} 1\n"));
}

TEST(Metrics, SupportFamiliesWithoutLabels) {
  prometheus::Registry registry;
  AddCounter(registry, {"c_total", ""}).Increment(2);
  AddGauge(registry, {"g", ""}).Set(3);
  AddHistogram(registry, {"h", ""}).Observe(9);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("c_total 2\n"));
  EXPECT_THAT(text, HasSubstr("g 3\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"8.5\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"10\"} 1\n"));
}

TEST(OptionalGauges, ExportOnlyKnownValues) {
  prometheus::Registry registry;
  OptionalGauges ages(registry, {"age", ""}, {"x", {"a", "b"}});
  OptionalGauges lag(registry, {"lag", ""});
  EXPECT_THAT(Text(registry), Not(HasSubstr("age")));
  ages.Set(0, 4);
  ages.Set(1, 0);
  lag.Set(0, 7);
  EXPECT_THAT(Text(registry), AllOf(HasSubstr("age{x=\"a\"} 4\n"), HasSubstr("age{x=\"b\"} 0\n"),
                                    HasSubstr("\nlag 7\n")));
  ages.Set(0, std::nullopt);
  lag.Set(0, std::nullopt);
  lag.Set(0, std::nullopt);
  EXPECT_THAT(Text(registry), AllOf(Not(HasSubstr("age{x=\"a\"}")), HasSubstr("age{x=\"b\"} 0\n"),
                                    Not(HasSubstr("lag"))));
  lag.Set(0, 8);
  EXPECT_THAT(Text(registry), HasSubstr("\nlag 8\n"));
}

TEST(OptionalGauges, AreSetAndRemovedByTwoThreads) {
  prometheus::Registry registry;
  OptionalGauges age(registry, {"age", ""});
  const auto change = [&] {
    for (int i = 0; i < 300'000; ++i) {
      age.Set(0, i);
      age.Set(0, std::nullopt);
    }
  };
  {
    const std::jthread one(change);
    const std::jthread other(change);
  }
  EXPECT_THAT(Text(registry), Not(HasSubstr("age")));
}

TEST(MetricsDeathTest, AbortOnAPositionOutOfRange) {
  prometheus::Registry registry;
  const CounterByLabels answers(registry, {"answers_total", ""},
                                {{"provider", {"unknown", "eid"}}, {"status", {"200", "503"}}});
  EXPECT_DEATH(static_cast<void>(answers.At(0, 2)), "");
  EXPECT_DEATH(static_cast<void>(answers.At(2, 0)), "");
}

TEST(Buckets, Ascend) {
  for (const auto* boundaries : {&buckets::Seconds(), &buckets::EndToEndSeconds()}) {
    EXPECT_EQ(std::adjacent_find(boundaries->begin(), boundaries->end(), std::greater_equal<>()),
              boundaries->end());
  }
}

}  // namespace
}  // namespace common
