#include "consumer/state/expected_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "tests/support/seed.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using common::WallTime;
using testing::ElementsAre;
using testing::IsEmpty;
using State = ExpectedEntry::State;

constexpr WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

ExpectedTable::Announced Process(const std::string& process, const std::string& dossier = "d") {
  return {.process = process, .dossier = dossier, .row = 3, .at = kNoon, .within = 1h};
}

std::vector<std::string> TakeAllDue(ExpectedTable& table, WallTime now) {
  std::vector<std::string> taken;
  table.MoveDue(now, 1'000);
  while (const auto slot = table.OldestDue()) {
    taken.emplace_back(table.At(*slot).process());
    table.StartLook(*slot);
  }
  return taken;
}

TEST(ExpectedTable, KeepsAnnouncement) {
  ExpectedTable table;
  table.Put(Process("p1", "d1"), kNoon + 1h);
  const auto slot = table.Find("p1");
  ASSERT_TRUE(slot);
  const ExpectedEntry& entry = table.At(*slot);
  EXPECT_EQ(entry.process(), "p1");
  EXPECT_EQ(entry.dossier(), "d1");
  EXPECT_EQ(entry.announced_at, kNoon);
  EXPECT_EQ(entry.within_ms, 3'600'000U);
  EXPECT_EQ(entry.row, 3);
  EXPECT_FALSE(table.Find("p2"));
}

TEST(ExpectedTable, ReturnsOldestDueFirst) {
  ExpectedTable table;
  table.Put(Process("p3"), kNoon + 3min);
  table.Put(Process("p1"), kNoon + 1min);
  table.Put(Process("p2"), kNoon + 2min);
  EXPECT_THAT(TakeAllDue(table, kNoon + 2min), ElementsAre("p1", "p2"));
  EXPECT_EQ(table.due(), 2U) << "they are looked at";
  EXPECT_THAT(TakeAllDue(table, kNoon + 3min - 1ms), IsEmpty());
  EXPECT_THAT(TakeAllDue(table, kNoon + 3min), ElementsAre("p3"));
}

TEST(ExpectedTable, MovesNoMoreThanTheLimit) {
  ExpectedTable table;
  for (int i = 0; i < 10; ++i) table.Put(Process("p" + std::to_string(i)), kNoon);
  table.MoveDue(kNoon, 4);
  EXPECT_EQ(table.due(), 4U);
}

TEST(ExpectedTable, ReplacesEarlierAnnouncement) {
  ExpectedTable table;
  table.Put(Process("p1", "d1"), kNoon);
  EXPECT_THAT(TakeAllDue(table, kNoon), ElementsAre("p1"));
  table.Put(Process("p1", "another"), kNoon + 1min);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.At(*table.Find("p1")).dossier(), "another");
  EXPECT_EQ(table.At(*table.Find("p1")).state, State::kWaiting);
  EXPECT_EQ(table.At(*table.Find("p1")).due, kNoon + 1min);
}

TEST(ExpectedTable, PostponesEntryInAnyState) {
  ExpectedTable table;
  const auto slot = table.Put(Process("p1"), kNoon);
  table.Postpone(slot, kNoon + 1min);
  table.MoveDue(kNoon + 1min, 1);
  table.Postpone(slot, kNoon + 2min);
  table.MoveDue(kNoon + 2min, 1);
  table.StartLook(slot);
  table.Postpone(slot, kNoon + 3min);
  EXPECT_THAT(TakeAllDue(table, kNoon + 3min), ElementsAre("p1"));
}

/// Compares every answer with a model, under random changes.
TEST(ExpectedTable, AgreesWithItsModel) {
  const auto seed = tests::Seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  struct Model {
    WallTime due;
    State state;
  };
  std::map<std::string, Model> model;
  ExpectedTable table;
  WallTime now = kNoon;
  for (int step = 0; step < 20'000; ++step) {
    const std::string process = "p" + std::to_string(random() % 500);
    const auto slot = table.Find(process);
    ASSERT_EQ(slot.has_value(), model.contains(process));
    const WallTime due = now + std::chrono::seconds(random() % 600);
    switch (random() % 5) {
      case 0:
      case 1:
        table.Put(Process(process), due);
        model[process] = {due, State::kWaiting};
        break;
      case 2:
        if (slot) table.Remove(*slot);
        model.erase(process);
        break;
      case 3:
        if (slot) table.Postpone(*slot, due);
        if (slot) model[process] = {due, State::kWaiting};
        break;
      case 4: {
        now += std::chrono::seconds(random() % 60);
        table.MoveDue(now, 1'000);
        const std::string* oldest = nullptr;
        for (auto& [name, entry] : model) {
          if (entry.state == State::kWaiting && entry.due <= now) entry.state = State::kDue;
          if (entry.state != State::kDue) continue;
          if (oldest == nullptr || entry.due < model[*oldest].due) oldest = &name;
        }
        const auto taken = table.OldestDue();
        ASSERT_EQ(taken.has_value(), oldest != nullptr);
        if (!taken) break;
        ASSERT_EQ(table.At(*taken).due, model[*oldest].due);
        model[std::string(table.At(*taken).process())].state = State::kLooking;
        table.StartLook(*taken);
        break;
      }
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (const auto& [process, entry] : model) {
    const auto slot = table.Find(process);
    ASSERT_TRUE(slot) << process;
    EXPECT_EQ(table.At(*slot).due, entry.due) << process;
    EXPECT_EQ(table.At(*slot).state, entry.state) << process;
  }
}

TEST(ExpectedTable, NeedsAtMostTwoHundredBytesPerProcess) {
  constexpr std::size_t kCount = 200'000;
  const std::string uuid = "7d0f2c1e-5b6a-4f39-9c55-1f0e";
  ExpectedTable table;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::string number = std::to_string(10'000'000 + i);
    table.Put(Process(uuid + number, uuid + number), kNoon + std::chrono::seconds(i % 977));
  }
  // The allocator adds 11 bytes to each (glibc, by mallinfo2).
  EXPECT_LE(table.memory_bytes() / kCount, 180U);
}

}  // namespace
}  // namespace consumer
