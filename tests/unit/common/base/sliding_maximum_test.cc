#include "common/base/sliding_maximum.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace common {
namespace {

using std::chrono::seconds;

struct Value {
  int at_second = 0;
  int value = 0;
};
struct Case {
  const char* name;
  std::vector<Value> values;
  int asked_at = 0;
  std::optional<int> largest;
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

/// A window of 100 s, so that parts are 10 s long.
class SlidingMaximumOf : public testing::TestWithParam<Case> {};

TEST_P(SlidingMaximumOf, ReturnsTheLargestValueInTheWindow) {
  constexpr SlidingMaximum<int>::TimePoint kStart{seconds(1'000'000)};
  SlidingMaximum<int> maximum(seconds(100));
  for (const auto& [at, value] : GetParam().values) maximum.Add(kStart + seconds(at), value);
  EXPECT_EQ(maximum.At(kStart + seconds(GetParam().asked_at)), GetParam().largest);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SlidingMaximumOf,
    testing::Values(Case{"NoValue", {}, 0, {}}, Case{"OneValue", {{0, 7}}, 0, 7},
                    Case{"Zero", {{0, 0}}, 0, 0}, Case{"Negative", {{0, -3}}, 5, -3},
                    Case{"LargestFirst", {{0, 7}, {1, 3}}, 2, 7},
                    Case{"LargestLast", {{0, 3}, {1, 7}}, 2, 7},
                    Case{"KeptForTheWindow", {{0, 7}}, 100, 7},
                    Case{"KeptForTheWholeWindowIfLateInItsPart", {{9, 7}}, 109, 7},
                    Case{"ForgottenATenthAfterTheWindow", {{0, 7}}, 110, {}},
                    Case{"SmallerValueRemains", {{0, 7}, {50, 3}}, 111, 3},
                    Case{"ForgottenAfterManyIdleWindows", {{0, 7}}, 100'000, {}},
                    Case{"SlotReused", {{0, 7}, {110, 3}}, 110, 3},
                    Case{"LateValueForAReusedSlot", {{110, 3}, {0, 7}}, 110, 3}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace common
