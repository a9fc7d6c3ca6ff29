#include "common/domain/process_status.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace common {
namespace {

struct StatusCase {
  const char* name;
  std::optional<std::string> status;
  bool is_final;
};
void PrintTo(const StatusCase& c, std::ostream* out) { *out << c.name; }

class ProcessStatus : public testing::TestWithParam<StatusCase> {};

TEST_P(ProcessStatus, IsFinalUnlessPendingOrProcessing) {
  EXPECT_EQ(IsFinalStatus(GetParam().status), GetParam().is_final);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ProcessStatus,
    testing::Values(
        StatusCase{"pending", "pending", false}, StatusCase{"processing", "processing", false},
        StatusCase{"accepted", "accepted", true}, StatusCase{"rejected", "rejected", true},
        StatusCase{"inconclusive", "inconclusive", true}, StatusCase{"failed", "failed", true},
        StatusCase{"canceled", "canceled", true}, StatusCase{"not_matched", "not_matched", true},
        StatusCase{"unheard_of", "unheard_of", true}, StatusCase{"capital", "Pending", true},
        StatusCase{"empty", "", true}, StatusCase{"none", std::nullopt, true}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace common
