#include "consumer/fetch/attempt_result.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace consumer {
namespace {

struct Row {
  const char* name;
  AnswerFacts answer;
  const char* label;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class AttemptLabel : public testing::TestWithParam<Row> {};

TEST_P(AttemptLabel, MatchesMetricLabel) {
  const AnswerFacts& answer = GetParam().answer;
  EXPECT_EQ(ToText(ResultOf(answer.fault, answer.status, Classify(answer))), GetParam().label);
}

constexpr AnswerFacts Status(int status) {
  return {.fault = TransportFault::kNone, .status = status};
}
constexpr AnswerFacts Fault(TransportFault fault, int status = 0) {
  return {.fault = fault, .status = status};
}

INSTANTIATE_TEST_SUITE_P(
    Rows, AttemptLabel,
    testing::Values(
        Row{"found", {.status = 200, .is_object = true}, "ok"},
        Row{"unfinished", {.status = 200, .is_object = true, .is_unfinished = true}, "retry"},
        Row{"foreign", {.status = 200, .is_object = true, .is_foreign = true}, "foreign"},
        Row{"a_foreign_403", {.status = 403, .is_foreign = true}, "foreign"},
        Row{"a_page", {.status = 200, .is_page = true}, "error"},
        Row{"no_object", Status(200), "error"}, Row{"redirect", Status(302), "error"},
        Row{"bad_request", Status(400), "rejected"},
        Row{"unauthorized", Status(401), "unauthorized"},
        Row{"forbidden", Status(403), "unauthorized"}, Row{"missing", Status(404), "gone"},
        Row{"no_room", Fault(TransportFault::kNoRoom, 200), "error"},
        Row{"gone", Status(410), "gone"}, Row{"unprocessable", Status(422), "rejected"},
        Row{"too_many", Status(429), "retry"}, Row{"too_early", Status(425), "retry"},
        Row{"request_timeout", Status(408), "retry"}, Row{"unavailable", Status(503), "retry"},
        Row{"timeout", Fault(TransportFault::kTimeout), "timeout"},
        Row{"timeout_in_the_body", Fault(TransportFault::kTimeout, 200), "timeout"},
        Row{"no_connection", Fault(TransportFault::kConnect), "error"},
        Row{"dns", Fault(TransportFault::kDns), "error"},
        Row{"tls", Fault(TransportFault::kTls), "error"},
        Row{"broken", Fault(TransportFault::kBroken, 200), "error"},
        Row{"too_large", Fault(TransportFault::kTooLarge, 200), "error"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ResourceLabel, MatchesMetricLabel) {
  EXPECT_EQ(ToText(Resource::kProcess), "process");
  EXPECT_EQ(ToText(Resource::kDossier), "dossier");
  EXPECT_EQ(ToText(Resource::kToken), "token");
}

}  // namespace
}  // namespace consumer
