#include "common/tracing/export_policy.h"

#include <gtest/gtest.h>

namespace common::tracing {
namespace {

using namespace std::chrono_literals;

TEST(ExportPolicy, RetriesOnlyStatusesThatOtlpAllows) {
  const struct {
    int status;
    ExportVerdict verdict;
  } kCases[] = {
      {200, ExportVerdict::kSent},    {202, ExportVerdict::kSent},
      {0, ExportVerdict::kRetry},     {429, ExportVerdict::kRetry},
      {502, ExportVerdict::kRetry},   {503, ExportVerdict::kRetry},
      {504, ExportVerdict::kRetry},   {301, ExportVerdict::kRefused},
      {400, ExportVerdict::kRefused}, {401, ExportVerdict::kRefused},
      {404, ExportVerdict::kRefused}, {413, ExportVerdict::kRefused},
      {500, ExportVerdict::kRefused}, {501, ExportVerdict::kRefused},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.status);
    EXPECT_EQ(JudgeExport(c.status), c.verdict);
  }
}

TEST(ExportPolicy, BacksOffThenGivesUp) {
  const ExportRetry retry{.attempts = 3, .backoff = {.base = 1s, .cap = 30s}};
  EXPECT_EQ(retry.Wait(1, std::nullopt, 0.5), 500ms);
  EXPECT_EQ(retry.Wait(2, std::nullopt, 0.5), 1s);
  EXPECT_EQ(retry.Wait(3, std::nullopt, 0.5), std::nullopt);
}

TEST(ExportPolicy, WaitsAsLongAsTheCollectorAsks) {
  EXPECT_EQ(ExportRetry().Wait(1, 7s, 0.5), 7s);
  EXPECT_EQ(ExportRetry().Wait(1, 0s, 0.5), 0s);
  EXPECT_EQ(ExportRetry().Wait(5, 7s, 0.5), std::nullopt);
}

}  // namespace
}  // namespace common::tracing
