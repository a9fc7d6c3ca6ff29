#include "consumer/policy/reaction.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace consumer {
namespace {

using enum TransportFault;
using enum HostVerdict;

struct Row {
  const char* name;
  AnswerFacts answer;
  Reaction reaction;
  HostVerdict host;
  bool is_congestion;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr AnswerFacts Status(int status) { return {.fault = kNone, .status = status}; }
constexpr AnswerFacts PageWith(int status) {
  return {.fault = kNone, .status = status, .is_page = true};
}
constexpr AnswerFacts Fault(TransportFault fault, int status = 0) {
  return {.fault = fault, .status = status};
}
constexpr AnswerFacts Object(int status, bool is_unfinished = false) {
  return {.fault = kNone, .status = status, .is_object = true, .is_unfinished = is_unfinished};
}

class ReactionTable : public testing::TestWithParam<Row> {};

TEST_P(ReactionTable, ClassifiesAsTabulated) {
  const Row& row = GetParam();
  EXPECT_EQ(Classify(row.answer), row.reaction);
  EXPECT_EQ(JudgeHost(row.answer), row.host);
  EXPECT_EQ(IsCongestion(row.answer.fault, row.answer.status, false), row.is_congestion);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ReactionTable,
    testing::Values(
        //  name, answer, reaction, verdict on the host, congestion
        Row{"an_object", Object(200), Reaction::kAccept, kWorks, false},
        Row{"an_unfinished_process", Object(200, true), Reaction::kAwait, kWorks, false},
        Row{"no_object", Status(200), Reaction::kUnreadable, kWorks, false},
        Row{"too_large", Fault(kTooLarge, 200), Reaction::kTooLarge, kWorks, false},
        Row{"no_content", Status(204), Reaction::kUnreadable, kWorks, false},
        Row{"another_2xx_with_an_object", Object(202), Reaction::kUnreadable, kWorks, false},
        Row{"created", Object(201), Reaction::kUnreadable, kWorks, false},
        Row{"changed_by_a_proxy", Object(203), Reaction::kAccept, kWorks, false},
        Row{"changed_by_a_proxy_into_nothing", Status(203), Reaction::kUnreadable, kWorks, false},
        Row{"reset_content", Status(205), Reaction::kUnreadable, kWorks, false},
        Row{"a_part", Object(206), Reaction::kRetry, kAtFault, false},
        Row{"a_page", {.status = 200, .is_page = true}, Reaction::kRetry, kAtFault, false},
        Row{"a_page_with_404", PageWith(404), Reaction::kRetry, kAtFault, false},
        Row{"a_page_with_410", PageWith(410), Reaction::kRetry, kAtFault, false},
        Row{"a_page_with_400", PageWith(400), Reaction::kRetry, kAtFault, false},
        Row{"a_page_with_451", PageWith(451), Reaction::kRetry, kAtFault, false},
        Row{"a_page_with_401", PageWith(401), Reaction::kRenewToken, kAtFault, false},
        Row{"a_page_with_403", PageWith(403), Reaction::kRetry, kForbidden, false},
        Row{"a_page_with_408", PageWith(408), Reaction::kRetry, kWorks, false},
        Row{"a_page_with_425", PageWith(425), Reaction::kRetry, kWorks, false},
        Row{"a_page_with_429", PageWith(429), Reaction::kRetry, kWorks, true},
        Row{"a_page_with_503", PageWith(503), Reaction::kRetry, kAtFault, false},
        Row{"nested_too_deep",
            {.status = 200, .is_object = true, .is_too_deep = true},
            Reaction::kTooLarge,
            kWorks,
            false},
        Row{"foreign",
            {.status = 200, .is_object = true, .is_foreign = true},
            Reaction::kForeign,
            kAtFault,
            false},
        Row{"foreign_and_unfinished",
            {.status = 200, .is_object = true, .is_foreign = true, .is_unfinished = true},
            Reaction::kForeign,
            kAtFault,
            false},
        Row{"a_foreign_404",
            {.status = 404, .is_foreign = true},
            Reaction::kForeign,
            kAtFault,
            false},
        Row{"a_foreign_401",
            {.status = 401, .is_foreign = true},
            Reaction::kForeign,
            kAtFault,
            false},
        Row{"moved_permanently", Status(301), Reaction::kRetry, kAtFault, false},
        Row{"found", Status(302), Reaction::kRetry, kAtFault, false},
        Row{"not_modified", Status(304), Reaction::kRetry, kAtFault, false},
        Row{"permanent_redirect", Status(308), Reaction::kRetry, kAtFault, false},
        Row{"bad_request", Status(400), Reaction::kReject, kWorks, false},
        Row{"unauthorized", Status(401), Reaction::kRenewToken, kAtFault, false},
        Row{"forbidden", Status(403), Reaction::kRetry, kForbidden, false},
        Row{"not_found", Status(404), Reaction::kRetryMissing, kWorks, false},
        Row{"method_not_allowed", Status(405), Reaction::kReject, kWorks, false},
        Row{"request_timeout", Status(408), Reaction::kRetry, kWorks, false},
        Row{"conflict", Status(409), Reaction::kReject, kWorks, false},
        Row{"gone", Status(410), Reaction::kGone, kWorks, false},
        Row{"uri_too_long", Status(414), Reaction::kReject, kWorks, false},
        Row{"unprocessable", Status(422), Reaction::kReject, kWorks, false},
        Row{"too_early", Status(425), Reaction::kRetry, kWorks, false},
        Row{"too_many_requests", Status(429), Reaction::kRetry, kWorks, true},
        Row{"legal_reasons", Status(451), Reaction::kReject, kWorks, false},
        Row{"internal_error", Status(500), Reaction::kRetry, kAtFault, false},
        Row{"bad_gateway", Status(502), Reaction::kRetry, kAtFault, false},
        Row{"unavailable", Status(503), Reaction::kRetry, kAtFault, false},
        Row{"gateway_timeout", Status(504), Reaction::kRetry, kAtFault, false},
        Row{"an_error_with_an_object", Object(500), Reaction::kRetry, kAtFault, false},
        Row{"an_error_too_large_to_read", Fault(kTooLarge, 503), Reaction::kRetry, kAtFault, false},
        Row{"a_404_too_large_to_read", Fault(kTooLarge, 404), Reaction::kRetryMissing, kWorks,
            false},
        Row{"no_room", Fault(kNoRoom, 200), Reaction::kRetry, kNothing, true},
        Row{"beyond_http", Status(999), Reaction::kRetry, kAtFault, false},
        Row{"timeout", Fault(kTimeout), Reaction::kRetry, kAtFault, true},
        Row{"timeout_in_the_body", Fault(kTimeout, 200), Reaction::kRetry, kAtFault, true},
        Row{"no_connection", Fault(kConnect), Reaction::kRetry, kAtFault, false},
        Row{"tls", Fault(kTls), Reaction::kRetry, kAtFault, false},
        Row{"dns", Fault(kDns), Reaction::kRetry, kAtFault, false},
        Row{"broken_off", Fault(kBroken), Reaction::kRetry, kAtFault, false},
        Row{"broken_off_in_the_body", Fault(kBroken, 200), Reaction::kRetry, kAtFault, false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(IsCongestion, RequiresRetryAfterOn503) {
  EXPECT_TRUE(IsCongestion(kNone, 503, true));
  EXPECT_FALSE(IsCongestion(kNone, 503, false)) << "waiting does not repair a broken host";
  EXPECT_FALSE(IsCongestion(kNone, 500, true));
  EXPECT_FALSE(IsCongestion(kNone, 404, true));
}

}  // namespace
}  // namespace consumer
