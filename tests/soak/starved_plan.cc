#include "tests/soak/starved_plan.h"

#include <algorithm>
#include <random>

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = PlannedFault::Kind;
using Round = std::vector<PlannedFault>;

constexpr seconds kRound(42);
constexpr seconds kSession(6);
/// After this time without heartbeats, a node's partitions lose their leader.
constexpr milliseconds kTakenForDead(4'500);

class Planner {
 public:
  Planner(std::uint64_t seed, int nodes, int copies, int instances)
      : random_(seed), nodes_(nodes), copies_(copies), instances_(instances) {}

  /// With one copy per partition, the broker stays down until the other nodes, including the
  /// coordinators, know that its partitions have no leader. Kafka 4.3 and 4.4 forget transactions
  /// that end there meanwhile.
  void PlanBrokers(Round& round) {
    int node = 0;
    for (milliseconds at = Draw(5'000, 9'000); at < kRound; at += Draw(7'000, 9'000)) {
      const auto lasting = copies_ < nodes_ ? Draw(6'000, 11'000) : Draw(0, 3'000);
      round.push_back({at, Kind::kBroker, 1 + node++ % nodes_, lasting});
    }
  }

  void PlanInstances(Round& round) {
    for (milliseconds at = Draw(2'000, 5'000); at < kRound; at += Draw(5'000, 10'000)) {
      PlanInstance(round, at, milliseconds(3'000));
    }
  }

  Round PlanRoundOfOneNode() {
    Round round;
    milliseconds at = Draw(2'000, 5'000);
    PlanInstance(round, at, milliseconds(1'000));
    at += Draw(0, 2'500);
    if (Number(0, 1) == 1) {
      round.push_back({at, Kind::kBroker, 1, Draw(0, 1'000)});
    } else {
      round.push_back({at, Kind::kPause, 1, kTakenForDead + Draw(0, 4'000)});
    }
    return round;
  }

 private:
  int Number(int least, int most) {
    return least + static_cast<int>(random_() % (static_cast<std::uint64_t>(most - least) + 1));
  }
  milliseconds Draw(int least, int most) { return milliseconds(Number(least, most)); }

  /// An instance is frozen past its session, or killed for at most that long.
  void PlanInstance(Round& round, milliseconds at, milliseconds most) {
    const int victim = Number(0, instances_ - 1);
    if (Number(0, 2) > 0) {
      round.push_back({at, Kind::kKill, victim, Draw(0, static_cast<int>(most.count()))});
    } else {
      round.push_back({at, Kind::kFreeze, victim, kSession + Draw(500, 2'500)});
    }
  }

  std::mt19937_64 random_;
  int nodes_;
  int copies_;
  int instances_;
};

}  // namespace

std::vector<std::vector<PlannedFault>> PlanStarved(std::uint64_t seed, int nodes, int copies,
                                                   int instances) {
  Planner planner(seed, nodes, copies, instances);
  std::vector<Round> rounds;
  if (nodes > 1) {
    Round& round = rounds.emplace_back();
    planner.PlanBrokers(round);
    planner.PlanInstances(round);
    std::ranges::stable_sort(round, {}, &PlannedFault::at);
    return rounds;
  }
  constexpr int kRounds = 3;
  for (int i = 0; i < kRounds; ++i) rounds.push_back(planner.PlanRoundOfOneNode());
  return rounds;
}

}  // namespace soak
