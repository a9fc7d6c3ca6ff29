// A few callbacks that cannot be had, whatever the reason, among others: the others are not held
// up, and an outage of the host costs no dead letter all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <ostream>
#include <random>
#include <set>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::IsEmpty;

/// The API, the log that callbacks are taken from, and the clock: whole seconds of them.
class World {
 public:
  struct Manner {
    HttpReply reply;
    milliseconds takes{50};
  };

  explicit World(FetchSettings settings = FetchBench::DefaultSettings()) : bench_(settings) {}

  /// Arrives now. What is stuck is answered as `stuck` says, for ever.
  void Arrive(bool is_stuck) {
    const JobId id = ++last_;
    log_.push_back(Job(id, (is_stuck ? "stuck" : "p") + std::to_string(id)));
    if (!is_stuck) arrived_[id] = bench_.now;
  }
  void ArriveMany(int count, bool is_stuck) {
    for (int i = 0; i < count; ++i) Arrive(is_stuck);
  }

  Manner stuck;
  bool is_down = false;

  /// One healthy callback a second, if `arrives`.
  void Pass(std::chrono::seconds span, bool arrives = true) {
    for (const auto end = bench_.now + span; bench_.now < end;) {
      if (arrives) Arrive(false);
      for (int tick = 0; tick < 20; ++tick) Tick();
    }
  }

  FetchScheduler& scheduler() { return bench_.scheduler; }
  RecordedEvents& events() { return bench_.events; }
  std::size_t Asked() const { return bench_.transport.log().size(); }
  std::size_t Unread() const { return log_.size(); }
  void SetRandom(double random) { bench_.unit_random = random; }

  /// How long the healthy ones took that arrived and were answered; 95 of 100 took no longer.
  milliseconds HealthyP95() {
    std::sort(waits_.begin(), waits_.end());
    return waits_.empty() ? milliseconds::max() : waits_.at(waits_.size() * 95 / 100);
  }
  std::size_t HealthyDone() const { return waits_.size(); }
  std::size_t HealthyWaiting() const { return arrived_.size(); }
  void ForgetWaits() { waits_.clear(); }

  std::vector<std::string> dead_healthy;
  std::map<std::string, int> dead_stuck;  ///< By reason.

 private:
  static constexpr milliseconds kTick{50};

  void Tick() {
    for (int i = 0; i < 1000 && !log_.empty() && scheduler().WantsIntake(); ++i) {
      bench_.Submit(log_.front());
      log_.pop_front();
    }
    Advance();
    // What was answered at once, such as a token, may let others start.
    for (int round = 0; round < 100 && AnswerDue(); ++round) Advance();
    bench_.now += kTick;
    bench_.wall_now += kTick;
  }

  void Advance() {
    for (const FetchResult& result : scheduler().Advance(bench_.now)) {
      const auto arrived = arrived_.find(result.id);
      const bool is_dead = std::holds_alternative<Unfetchable>(result.outcome);
      if (arrived == arrived_.end()) {
        if (is_dead) {
          ++dead_stuck[std::string(common::ToText(std::get<Unfetchable>(result.outcome).reason))];
        }
        continue;
      }
      if (is_dead) dead_healthy.push_back(Describe(result));
      waits_.push_back(std::chrono::floor<milliseconds>(bench_.now - arrived->second));
      arrived_.erase(arrived);
    }
  }

  Manner MannerOf(const HttpRequest& request) const {
    if (request.url.ends_with("/token")) return {Token("t", 100'000), 10ms};
    if (is_down) return {Status(503), 50ms};
    if (request.url.find("/stuck") != std::string::npos) return stuck;
    return {*Healthy(request), 50ms};
  }

  bool AnswerDue() {
    auto& transport = bench_.transport;
    bool was_answered = false;
    std::set<std::uint64_t> ids;
    for (std::size_t i = 0; i < transport.under_way().size();) {
      const HttpRequest& request = transport.under_way()[i];
      ids.insert(request.id);
      const auto [due, is_new] = due_.try_emplace(request.id, bench_.now + MannerOf(request).takes);
      if (due->second > bench_.now) {
        ++i;
        continue;
      }
      transport.Answer(i, MannerOf(request).reply);
      was_answered = true;
    }
    std::erase_if(due_, [&](const auto& entry) { return !ids.contains(entry.first); });
    return was_answered;
  }

  FetchBench bench_;
  std::deque<FetchJob> log_;
  JobId last_ = 0;
  std::map<JobId, FetchBench::TimePoint> arrived_;
  std::map<std::uint64_t, FetchBench::TimePoint> due_;
  std::vector<milliseconds> waits_;
};

// ---- Forty stuck, one healthy callback a second

struct Case {
  const char* name;
  HttpReply reply;
  milliseconds takes{50};
  /// Their first attempts come before anything is known of them: they take what they take, and a
  /// Retry-After that two are told is for the host.
  milliseconds p95_after_restart{5'000};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

HttpReply Page() {
  HttpReply page = Json("<html>");
  page.content_type = "text/html";
  return page;
}

class FewStuck : public testing::TestWithParam<Case> {
 protected:
  FewStuck() { world.stuck = {GetParam().reply, GetParam().takes}; }
  World world;
};

TEST_P(FewStuck, HoldUpNobody) {
  world.Pass(60s);
  world.ForgetWaits();
  for (int i = 0; i < 40; ++i) {
    world.Arrive(true);
    world.Pass(1s);
  }
  // What two are told is for the host, and the first attempts take what they take.
  world.Pass(180s);
  world.ForgetWaits();
  world.Pass(480s);
  EXPECT_LT(world.HealthyP95(), 5s);
  EXPECT_GE(world.HealthyDone(), 475U);
  EXPECT_THAT(world.events().breaker, IsEmpty());
}

TEST_P(FewStuck, HoldUpNobodyAfterARestart) {
  world.ArriveMany(40, true);
  world.Pass(480s);
  EXPECT_LT(world.HealthyP95(), GetParam().p95_after_restart);
  EXPECT_GE(world.HealthyDone(), 475U);
  EXPECT_LE(world.events().breaker.size(), 4U) << "opened and closed, and once more maybe";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FewStuck,
    testing::Values(Case{"forbidden", Status(403)}, Case{"failing", Status(500)},
                    Case{"unavailable", Status(503)}, Case{"unauthorized", Status(401)},
                    Case{"redirected", Status(302)}, Case{"cut", Fault(TransportFault::kBroken)},
                    Case{"page", Page()}, Case{"part", Status(206, "{}")},
                    Case{"foreign", Json(R"({"processId":"another"})")},
                    Case{"slow", Fault(TransportFault::kTimeout), 10s, 150s},
                    Case{"told_to_wait", RetryAfter(Status(503), "30"), 50ms, 5min},
                    Case{"told_to_wait_a_little", RetryAfter(Status(503), "1")},
                    Case{"asked_too_much", Status(429)}, Case{"pending", kPending},
                    Case{"missing", Status(404)}),
    [](const auto& row) { return std::string(row.param.name); });

// ---- Many stuck

TEST(ManyStuck, AtTheFrontHideNobodyForLong) {
  World world;
  world.stuck = {Status(503)};
  world.ArriveMany(1000, true);
  world.Pass(300s);
  EXPECT_GE(world.HealthyDone(), 60U);
  world.ForgetWaits();
  world.Pass(300s);
  EXPECT_LT(world.HealthyP95(), 5s);
  EXPECT_LE(world.HealthyWaiting(), 10U);
}

TEST(ManyStuck, LeaveTheRateToTheOthers) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.rate_limit = 10;
  World world(settings);
  world.stuck = {Status(403)};
  world.Pass(10s);
  world.ArriveMany(1000, true);
  world.Pass(300s);
  world.ForgetWaits();
  world.Pass(300s);
  EXPECT_LT(world.HealthyP95(), 5s);
}

TEST(ManyStuck, DoNotLowerWhatTheOthersMayHaveUnderWay) {
  World world;
  world.stuck = {Status(429)};
  for (int second = 0; second < 10; ++second) {
    world.ArriveMany(100, false);
    world.Pass(1s);
  }
  const int before = world.events().concurrency_limit;
  world.ArriveMany(10, true);
  for (int second = 0; second < 200; ++second) {
    world.ArriveMany(100, false);
    world.Pass(1s);
  }
  EXPECT_GE(world.events().concurrency_limit, 16) << "it was " << before;
}

TEST(ManyStuck, BecomeTooOldWhileOthersSucceed) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_age = 10min;
  World world(settings);
  world.stuck = {Status(403)};
  world.ArriveMany(40, true);
  world.Pass(13min);
  EXPECT_EQ(world.dead_stuck["too-old"], 40);
  EXPECT_THAT(world.dead_healthy, IsEmpty());
}

// ---- Outages

TEST(Outage, CostsNoDeadLetterHoweverMuchOrLittleIsInHand) {
  for (const bool arrives : {true, false}) {
    for (const int in_hand : {1, 3, 40, 500}) {
      SCOPED_TRACE(testing::Message() << in_hand << " in hand, others arrive: " << arrives);
      FetchSettings settings = FetchBench::DefaultSettings();
      settings.max_age = 10min;
      World world(settings);
      world.Pass(10s);
      world.ArriveMany(in_hand, false);
      world.is_down = true;
      world.Pass(40min, arrives);
      EXPECT_TRUE(world.scheduler().breaker_open());
      world.is_down = false;
      world.Pass(3min, arrives);
      EXPECT_THAT(world.dead_healthy, IsEmpty());
      EXPECT_LE(world.HealthyWaiting(), 5U);
      EXPECT_FALSE(world.scheduler().breaker_open());
    }
  }
}

TEST(Outage, AmongStuckCallbacksCostsNoDeadLetterOfTheOthers) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_age = 10min;
  World world(settings);
  world.stuck = {Status(403)};
  world.ArriveMany(40, true);
  world.Pass(2min);
  world.is_down = true;
  world.Pass(40min);
  EXPECT_TRUE(world.scheduler().breaker_open());
  EXPECT_EQ(world.dead_stuck["too-old"], 0) << "their ages rest, too";
  world.is_down = false;
  world.Pass(15min);
  EXPECT_EQ(world.dead_stuck["too-old"], 40);
  EXPECT_THAT(world.dead_healthy, IsEmpty());
}

// Whatever is stuck and whenever the host is away: nothing healthy dies, and all of it is had soon
// after the host is back.
TEST(Outage, AndWhateverIsStuckNeverCostAHealthyCallback) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 12; ++round) {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.max_age = 5min;
    settings.breaker_failures = 1 + static_cast<int>(random() % 30);
    World world(settings);
    const std::vector<HttpReply> manners = {Status(403), Status(500), Status(401),
                                            Status(429), Page(),      Status(503)};
    world.stuck = {manners.at(random() % manners.size())};
    for (int part = 0; part < 6; ++part) {
      world.SetRandom(static_cast<double>(random() % 1000) / 1000);
      if (random() % 2 == 0) world.ArriveMany(static_cast<int>(random() % 60), true);
      world.is_down = random() % 3 == 0;
      world.Pass(std::chrono::seconds(1 + random() % 400), random() % 4 != 0);
    }
    world.is_down = false;
    world.Pass(15min);
    EXPECT_THAT(world.dead_healthy, IsEmpty()) << "round " << round;
    EXPECT_LE(world.HealthyWaiting(), 15U) << "round " << round;
  }
}

}  // namespace
}  // namespace consumer
