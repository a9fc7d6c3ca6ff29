#include "ops/ctl/raise/raise_refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct WaitingCase {
  const char* name;
  WaitingCallbacks waiting;
  bool is_resumed;
  bool must_know_all;
  const char* refusal;  ///< Its beginning; empty: none.
};
void PrintTo(const WaitingCase& c, std::ostream* out) { *out << c.name; }

class RefusedForWaiting : public ::testing::TestWithParam<WaitingCase> {};

TEST_P(RefusedForWaiting, SaysWhichCallbacksForbidIt) {
  const auto why =
      WhyWaitingForbids(GetParam().waiting, GetParam().is_resumed, GetParam().must_know_all);
  EXPECT_EQ(why.has_value(), *GetParam().refusal != '\0');
  EXPECT_THAT(why.value_or(""), StartsWith(GetParam().refusal));
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedForWaiting,
    ::testing::Values(
        WaitingCase{"Nothing", {}, false, true, ""},
        WaitingCase{"NotHandled", {.count = 3}, false, true, "3 callbacks are not handled yet"},
        WaitingCase{"NotHandledWhateverMayBeForgotten",
                    {.count = 3},
                    false,
                    false,
                    "3 callbacks are not handled yet"},
        WaitingCase{"NotHandledAfterAnInterruption", {.count = 3}, true, true, ""},
        WaitingCase{"Misplaced",
                    {.count = 3, .misplaced = 2},
                    true,
                    true,
                    "2 callbacks wait in partitions that the new number does not give them"},
        WaitingCase{"MisplacedAndForgotten", {.count = 3, .misplaced = 2}, true, false, ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(RefusedForForgotten, SaysUntilWhenToWait) {
  const common::WallTime until{std::chrono::hours(24 * 20'000)};
  const std::string why = WhyForgottenForbid(4, until);
  EXPECT_THAT(why, StartsWith("4 markers do not say where they belong"));
  EXPECT_THAT(why, HasSubstr("after " + common::FormatRfc3339(until)));
}

}  // namespace
}  // namespace ctl
