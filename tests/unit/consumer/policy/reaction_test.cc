#include "consumer/policy/reaction.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace consumer {
namespace {

using enum TransportFault;

struct Row {
  const char* name;
  AnswerFacts answer;
  Reaction reaction;
  bool is_host_at_fault;
  bool is_congestion;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr AnswerFacts Status(int status) { return {.fault = kNone, .status = status}; }
constexpr AnswerFacts Fault(TransportFault fault, int status = 0) {
  return {.fault = fault, .status = status};
}
constexpr AnswerFacts Object(int status, bool is_unfinished = false) {
  return {.fault = kNone, .status = status, .is_object = true, .is_unfinished = is_unfinished};
}

class ReactionTable : public testing::TestWithParam<Row> {};

TEST_P(ReactionTable, Holds) {
  const Row& row = GetParam();
  EXPECT_EQ(Classify(row.answer), row.reaction);
  EXPECT_EQ(IsHostAtFault(row.answer.fault, row.answer.status), row.is_host_at_fault);
  EXPECT_EQ(IsCongestion(row.answer.fault, row.answer.status, false), row.is_congestion);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ReactionTable,
    testing::Values(
        //  name, answer, reaction, the host's fault, congestion
        Row{"an_object", Object(200), Reaction::kAccept, false, false},
        Row{"an_unfinished_process", Object(200, true), Reaction::kAwait, false, false},
        Row{"no_object", Status(200), Reaction::kUnreadable, false, false},
        Row{"too_large", Fault(kTooLarge, 200), Reaction::kTooLarge, false, false},
        Row{"no_content", Status(204), Reaction::kUnreadable, false, false},
        Row{"another_2xx_with_an_object", Object(202), Reaction::kUnreadable, false, false},
        Row{"moved_permanently", Status(301), Reaction::kRetry, true, false},
        Row{"found", Status(302), Reaction::kRetry, true, false},
        Row{"not_modified", Status(304), Reaction::kRetry, true, false},
        Row{"permanent_redirect", Status(308), Reaction::kRetry, true, false},
        Row{"bad_request", Status(400), Reaction::kReject, false, false},
        Row{"unauthorized", Status(401), Reaction::kRenewToken, true, false},
        Row{"forbidden", Status(403), Reaction::kRetry, true, false},
        Row{"not_found", Status(404), Reaction::kRetryMissing, false, false},
        Row{"method_not_allowed", Status(405), Reaction::kReject, false, false},
        Row{"request_timeout", Status(408), Reaction::kRetry, false, false},
        Row{"conflict", Status(409), Reaction::kReject, false, false},
        Row{"gone", Status(410), Reaction::kGone, false, false},
        Row{"uri_too_long", Status(414), Reaction::kReject, false, false},
        Row{"unprocessable", Status(422), Reaction::kReject, false, false},
        Row{"too_early", Status(425), Reaction::kRetry, false, false},
        Row{"too_many_requests", Status(429), Reaction::kRetry, false, true},
        Row{"legal_reasons", Status(451), Reaction::kReject, false, false},
        Row{"internal_error", Status(500), Reaction::kRetry, true, false},
        Row{"bad_gateway", Status(502), Reaction::kRetry, true, false},
        Row{"unavailable", Status(503), Reaction::kRetry, true, false},
        Row{"gateway_timeout", Status(504), Reaction::kRetry, true, false},
        Row{"an_error_with_an_object", Object(500), Reaction::kRetry, true, false},
        Row{"an_error_too_large_to_read", Fault(kTooLarge, 503), Reaction::kRetry, true, false},
        Row{"a_404_too_large_to_read", Fault(kTooLarge, 404), Reaction::kRetryMissing, false,
            false},
        Row{"no_room", Fault(kNoRoom, 200), Reaction::kRetry, false, true},
        Row{"beyond_http", Status(999), Reaction::kRetry, true, false},
        Row{"timeout", Fault(kTimeout), Reaction::kRetry, true, true},
        Row{"timeout_in_the_body", Fault(kTimeout, 200), Reaction::kRetry, true, true},
        Row{"no_connection", Fault(kConnect), Reaction::kRetry, true, false},
        Row{"tls", Fault(kTls), Reaction::kRetry, true, false},
        Row{"dns", Fault(kDns), Reaction::kRetry, true, false},
        Row{"broken_off", Fault(kBroken), Reaction::kRetry, true, false},
        Row{"broken_off_in_the_body", Fault(kBroken, 200), Reaction::kRetry, true, false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Congestion, IsWhatAnUnavailableHostMeansByARetryAfter) {
  EXPECT_TRUE(IsCongestion(kNone, 503, true));
  EXPECT_FALSE(IsCongestion(kNone, 503, false)) << "one that is broken is not mended by patience";
  EXPECT_FALSE(IsCongestion(kNone, 500, true));
  EXPECT_FALSE(IsCongestion(kNone, 404, true));
}

}  // namespace
}  // namespace consumer
