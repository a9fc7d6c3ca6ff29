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

Delivered WithAnswers(const std::string& answers) {
  return {.report = R"({"events":{"late":2,"answers":)" + answers + "}}", .callbacks = {}};
}

TEST(Delivered, ListsTheAnswersToEventsByTheirKind) {
  const Delivered delivered = WithAnswers(R"({"first":{"200":5,"503":1},"forged":{"401":2}})");
  EXPECT_THAT(delivered.EventStatuses("first"), ElementsAre("200", "503"));
  EXPECT_THAT(delivered.EventStatuses("forged"), ElementsAre("401"));
  EXPECT_THAT(delivered.EventStatuses("stale"), IsEmpty());
  EXPECT_EQ(delivered.LateEvents(), 2);
  EXPECT_THAT(kDelivered.EventStatuses("first"), IsEmpty()) << "a run without events";
  EXPECT_EQ(kDelivered.LateEvents(), 0);
}

TEST(WrongEventAnswers, IncludeEverythingBut200And401) {
  const auto wrong = [](const char* answers, bool may_fail = false) {
    return WrongEventAnswers(WithAnswers(answers), may_fail);
  };
  EXPECT_EQ(wrong(R"({"first":{"200":5},"mock":{"200":1},"forged":{"401":2}})"), "");
  EXPECT_EQ(wrong(R"({"first":{"200":5,"401":1},"forged":{"200":1},"stale":{"503":1}})"),
            "first events got 401\nforged events got 200\nstale events got 503\n");
  EXPECT_EQ(wrong(R"({"first":{"503":5},"repeated":{"none":1}})"),
            "first events got 503\nrepeated events got none\n");
  EXPECT_EQ(wrong(R"({"first":{"503":5,"none":1},"forged":{"none":1}})", true), "");
  EXPECT_EQ(wrong(R"({"first":{"401":1},"forged":{"200":1}})", true),
            "first events got 401\nforged events got 200\n");
}

}  // namespace
}  // namespace tests
