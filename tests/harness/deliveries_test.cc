#include "tests/harness/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Delivered kDelivered{
    .report = R"({"seed":"7","acknowledged":5,"penalties":0,"statuses":{"200":5,"none":1},)"
              R"("providers":{"eid":{"lost":1,"statuses":{"200":1,"503":2}},)"
              R"("paper":{"lost":0,"statuses":{"200":4}}},)"
              R"("answer_ms":{"p50":1.5,"p99":7,"max":4588.25}})",
    .callbacks = {{.provider = "eid", .is_acknowledged = true},
                  {.provider = "eid", .is_acknowledged = false},
                  {.provider = "paper", .is_acknowledged = true}}};

TEST(Delivered, ReadsTheNumbersOfARun) {
  EXPECT_EQ(kDelivered.Number("acknowledged"), 5);
  EXPECT_THROW((void)kDelivered.Number("unheard_of"), std::runtime_error);
  const Delivered cut_off{.report = "", .callbacks = {}};
  EXPECT_THROW((void)cut_off.Number("acknowledged"), std::runtime_error);
}

TEST(Delivered, ListsTheStatusesThatAProviderGot) {
  EXPECT_THAT(kDelivered.Statuses("eid"), ElementsAre("200", "503"));
  EXPECT_THAT(kDelivered.Statuses("paper"), ElementsAre("200"));
  EXPECT_THAT(kDelivered.Statuses("connect"), IsEmpty());
  EXPECT_THAT(kDelivered.Statuses(), ElementsAre("200", "none"));
}

TEST(Delivered, FindsTheSlowestAnswerAndCountsRefusedCallbacks) {
  EXPECT_EQ(kDelivered.SlowestAnswerMs(), 4588.25);
  EXPECT_EQ(kDelivered.CountRefused(), 1);
}

}  // namespace
}  // namespace tests
