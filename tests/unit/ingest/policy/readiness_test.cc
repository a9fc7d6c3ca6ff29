#include "ingest/policy/readiness.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace ingest {
namespace {

using Words = std::vector<std::string>;

struct Row {
  const char* name;
  Phase phase;
  DurabilityHealth health;
  bool is_ready;
  Words missing;
};

class Readiness : public testing::TestWithParam<Row> {};

TEST_P(Readiness, DependsOnPhaseAndHealth) {
  const Row& row = GetParam();
  const ReadinessVerdict verdict = JudgeReadiness(row.phase, row.health);
  EXPECT_EQ(verdict.is_ready, row.is_ready);
  EXPECT_EQ(verdict.missing, row.missing);
}

constexpr std::optional<bool> kNoSpool{};

INSTANTIATE_TEST_SUITE_P(
    Table, Readiness,
    testing::Values(
        Row{"kafka_alone", Phase::kServing, {true, kNoSpool}, true, {}},
        Row{"kafka_alone_is_away", Phase::kServing, {false, kNoSpool}, false, {"kafka"}},
        Row{"kafka_before_the_first_contact_is_over", Phase::kStarting, {true, kNoSpool}, true, {}},
        Row{"kafka_and_spool", Phase::kServing, {true, true}, true, {}},
        Row{"spool_alone", Phase::kServing, {false, true}, true, {"kafka"}},
        Row{"spool_alone_before_kafka_was_asked",
            Phase::kStarting,
            {false, true},
            false,
            {"kafka"}},
        Row{"spool_is_full", Phase::kServing, {true, false}, true, {"spool"}},
        Row{"neither", Phase::kServing, {false, false}, false, {"kafka", "spool"}},
        Row{"draining_with_both", Phase::kDraining, {true, true}, false, {"draining"}},
        Row{"draining_with_neither", Phase::kDraining, {false, false}, false, {"draining"}}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace ingest
