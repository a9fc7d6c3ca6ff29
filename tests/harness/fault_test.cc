#include "tests/harness/fault.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct World {
  std::vector<std::string> log;
  bool has_recovered = false;
};

class ScriptedFault : public Fault {
 public:
  ScriptedFault(World& world, std::string victim) : world_(world), victim_(std::move(victim)) {}
  [[nodiscard]] std::string kind() const override { return "kill"; }
  [[nodiscard]] std::string victim() const override { return victim_; }
  void Inflict() override { world_.log.push_back("inflict " + victim_); }
  void Heal() override { world_.log.push_back("heal " + victim_); }
  [[nodiscard]] bool IsOver() override { return world_.has_recovered; }

 private:
  World& world_;
  std::string victim_;
};

class FaultScheduleTest : public testing::Test {
 protected:
  void Inflict(const std::string& victim, milliseconds lasting) {
    schedule.Inflict(std::make_unique<ScriptedFault>(world, victim), lasting, now);
  }
  void AdvanceBy(milliseconds time) { schedule.Advance(now += time); }

  World world;
  FaultSchedule schedule;
  FaultSchedule::Time now{};
};

TEST_F(FaultScheduleTest, HealsEachFaultOnceWhenItsTimeIsUp) {
  Inflict("a", milliseconds(300));
  Inflict("b", milliseconds(100));
  AdvanceBy(milliseconds(99));
  EXPECT_EQ(world.log, (std::vector<std::string>{"inflict a", "inflict b"}));
  AdvanceBy(milliseconds(1));
  AdvanceBy(milliseconds(200));
  AdvanceBy(milliseconds(200));
  EXPECT_EQ(world.log, (std::vector<std::string>{"inflict a", "inflict b", "heal b", "heal a"}));
  EXPECT_EQ(schedule.Count("kill"), 2);
  EXPECT_EQ(schedule.Count("freeze"), 0);
}

TEST_F(FaultScheduleTest, ReservesAVictimUntilItHasRecovered) {
  Inflict("a", milliseconds(100));
  AdvanceBy(milliseconds(500));
  EXPECT_FALSE(schedule.IsFree("a"));
  EXPECT_TRUE(schedule.IsFree("b"));
  EXPECT_THROW(Inflict("a", milliseconds(100)), std::logic_error);
  world.has_recovered = true;
  AdvanceBy(milliseconds(1));
  EXPECT_TRUE(schedule.IsFree("a"));
  EXPECT_TRUE(schedule.IsQuiet());
}

TEST_F(FaultScheduleTest, ThrowsIfAVictimDoesNotRecover) {
  Inflict("a", milliseconds(100));
  AdvanceBy(milliseconds(100));
  EXPECT_THROW(AdvanceBy(seconds(121)), std::runtime_error);
}

}  // namespace
}  // namespace tests
