#include "ops/ctl/trace/trace_waiting.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

namespace ctl {
namespace {

using common::Offset;
using common::Partition;
using common::WallTime;
using namespace std::chrono_literals;

constexpr WallTime kNow{1'800'000'000s};
TraceEvent Callback() { return {.at = kNow - 5min, .place = {Partition(3), Offset(42)}}; }

WaitFacts AtTheHead() {
  return {.committed = Offset(42), .is_group_known = true, .reader = "consumer-0-1"};
}

InstanceFacts Instance() {
  InstanceFacts facts;
  facts.url = "http://c0";
  facts.kind = InstanceFacts::Kind::kConsumer;
  return facts;
}

struct Row {
  const char* name;
  void (*change)(WaitFacts&);
  const char* why;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class WaitingTest : public ::testing::TestWithParam<Row> {};

TEST_P(WaitingTest, HasThisReason) {
  WaitFacts facts = AtTheHead();
  GetParam().change(facts);
  const WaitingFor waiting = JudgeWaiting(Callback(), facts, kNow);
  EXPECT_EQ(ToText(waiting.why), std::string(GetParam().why)) << waiting.detail;
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, WaitingTest,
    ::testing::Values(
        Row{"next", [](WaitFacts&) {}, "fetching"},
        Row{"behind", [](WaitFacts& facts) { facts.committed = Offset(40); }, "lag"},
        Row{"nothing_committed", [](WaitFacts& facts) { facts.committed.reset(); }, "lag"},
        Row{"after_retention",
            [](WaitFacts& facts) {
              facts.committed = Offset(7);
              facts.begin = Offset(42);
            },
            "fetching"},
        Row{"no_reader", [](WaitFacts& facts) { facts.reader.reset(); }, "nobody_reads"},
        Row{"group_unknown",
            [](WaitFacts& facts) {
              facts.reader.reset();
              facts.is_group_known = false;
            },
            "unknown"},
        Row{"open_on_processes",
            [](WaitFacts& facts) {
              facts.reader.reset();
              facts.open.push_back({.topic = "processes",
                                    .partition = Partition(3),
                                    .offset = Offset(9),
                                    .since = kNow - 1min,
                                    .instance = {}});
            },
            "transaction"},
        Row{"offset_pending", [](WaitFacts& facts) { facts.is_offset_pending = true; },
            "transaction"},
        Row{"breaker",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].breaker_open = 1;
            },
            "breaker"},
        Row{"breaker_of_its_account",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].breaker_open = 1;
              facts.instances[0].account_breaker_open = {{"acme", 1}, {"assure", 0}};
              facts.account = "acme";
            },
            "breaker"},
        Row{"breaker_of_another_account",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].breaker_open = 1;
              facts.instances[0].account_breaker_open = {{"acme", 1}, {"assure", 0}};
              facts.account = "assure";
            },
            "fetching"},
        Row{"retry_after_of_another_account",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].held_until_seconds = 4e9;
              facts.instances[0].account_held_until_seconds = {{"acme", 4e9}, {"assure", 0}};
              facts.account = "assure";
            },
            "fetching"},
        Row{"restore",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].breaker_open = 1;
              facts.instances[0].restoring = 2;
            },
            "restore"},
        Row{"retry_after",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].held_until_seconds = 1'800'000'030;
            },
            "retry_after"},
        Row{"retry_after_is_over",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].held_until_seconds = 1'799'999'999;
            },
            "fetching"},
        Row{"held",
            [](WaitFacts& facts) {
              facts.instances = {Instance()};
              facts.instances[0].set_aside = 1;
            },
            "held"}),
    [](const auto& row) { return row.param.name; });

TEST(Waiting, LastsSinceTheTransactionBegan) {
  WaitFacts facts = AtTheHead();
  facts.open.push_back({.topic = "processes",
                        .partition = Partition(3),
                        .offset = Offset(9),
                        .since = kNow - 1min,
                        .instance = "sluice.c0-0"});
  const WaitingFor waiting = JudgeWaiting(Callback(), facts, kNow);
  EXPECT_EQ(waiting.since, kNow - 1min);
  EXPECT_NE(waiting.detail.find("of sluice.c0-0 is open at processes 3:9"), std::string::npos)
      << waiting.detail;
}

TEST(Waiting, TellsUntilWhenTheReasonLasts) {
  WaitFacts facts = AtTheHead();
  facts.instances = {Instance()};
  facts.instances[0].held_until_seconds = 1'800'000'030;
  EXPECT_EQ(JudgeWaiting(Callback(), facts, kNow).until, kNow + 30s);
  facts.instances[0].breaker_open = 1;
  facts.instances[0].next_probe_seconds = 1'800'000'007.25;
  const WaitingFor probed = JudgeWaiting(Callback(), facts, kNow);
  EXPECT_EQ(probed.until, kNow + 7250ms);
  EXPECT_NE(probed.detail.find("is probed next at 2027-01-15T08:00:07.250Z"), std::string::npos)
      << probed.detail;
  facts.instances[0].next_probe_seconds = 0;
  EXPECT_EQ(JudgeWaiting(Callback(), facts, kNow).until, std::nullopt) << "nobody knows";
}

TEST(Waiting, LastsSinceTheCallbackCame) {
  EXPECT_EQ(JudgeWaiting(Callback(), AtTheHead(), kNow).since, kNow - 5min);
}

TEST(Waiting, DoesNotBlameTheBacklogForACallbackThatHasNotCome) {
  TraceEvent announced = Callback();
  announced.what = TraceEvent::What::kAnnounced;
  WaitFacts facts = AtTheHead();
  facts.committed = Offset(1);
  const WaitingFor waiting = JudgeWaiting(announced, facts, kNow);
  EXPECT_EQ(ToText(waiting.why), "unknown");
  EXPECT_EQ(waiting.since, announced.at);
  facts.reader.reset();
  EXPECT_EQ(ToText(JudgeWaiting(announced, facts, kNow).why), "nobody_reads");
}

TEST(Waiting, ForAnAnnouncedProcessLastsADayLongerIfTheApiCouldNotBeAsked) {
  const common::ExpectedSettings expected{.max_wait = std::chrono::hours(6)};
  const common::WallTime announced{std::chrono::hours(500'000)};
  const auto judge = [&](std::chrono::minutes after) {
    return JudgeExpected(announced, expected, announced + after);
  };
  EXPECT_EQ(judge(std::chrono::minutes(0)), Waits::kYes);
  EXPECT_EQ(judge(std::chrono::minutes(359)), Waits::kYes);
  EXPECT_EQ(judge(std::chrono::minutes(360)), Waits::kIfItCouldNotAsk);
  EXPECT_EQ(judge(std::chrono::minutes(30 * 60 - 1)), Waits::kIfItCouldNotAsk);
  EXPECT_EQ(judge(std::chrono::minutes(30 * 60)), Waits::kNo);
}

}  // namespace
}  // namespace ctl
