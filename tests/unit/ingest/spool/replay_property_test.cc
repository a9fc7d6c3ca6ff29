#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/ingest/spool/replay_world.h"

// For any mix of poison, dead partitions and acks: acceptable callbacks are offered within a
// bounded number of rounds, refused ones are found, and no key is overtaken.
namespace ingest {
namespace {

using std::chrono::milliseconds;

enum class Kind { kGood, kRefusedAtOnce, kRefusedByReport, kSpoilsItsBatch, kTimesOut };

/// A Kafka whose partitions may be dead and that refuses some callbacks.
class World {
 public:
  /// Each callback separately, twice, with the slowest acks.
  static constexpr milliseconds kBound{1'200'000};

  explicit World(unsigned seed) : random_(seed) {
    const int counts[] = {1, 2, 3, 12, 40};
    partitions_ = counts[Random(5)];
    dead_.resize(static_cast<std::size_t>(partitions_));
    for (auto&& is_dead : dead_) is_dead = Random(3) == 0;
    const int rows = 200 + Random(1500);
    const int keys = 1 + Random(1000);
    const int poison_percent = Random(60);
    int times_out_left = 3;
    for (int i = 0; i < rows; ++i) {
      source_.Hold("key " + std::to_string(Random(keys)));
      const std::string& body = source_.rows[source_.last].envelope.body;
      Kind kind = Random(100) < poison_percent ? static_cast<Kind>(1 + Random(3)) : Kind::kGood;
      // Without other offers it looks like a dead partition and costs as long.
      const bool times_out = times_out_left > 0 && Random(200) == 0;
      if (times_out) {
        kind = Kind::kTimesOut;
        --times_out_left;
      }
      kinds_[body] = kind;
      if (kind == Kind::kRefusedAtOnce) kafka_.refused_at_once.insert(body);
    }
  }

  /// Runs until nothing is left to happen or the time is over.
  void RunUntil(milliseconds end) {
    for (; now_ < end && !IsDone(); now_ += milliseconds(20)) {
      while (replay_.next_turn() <= Now()) {
        ASSERT_TRUE(replay_.RunTurn(Now(), common::Deadline(Replay::TimePoint::max())));
        TakeOutcomes();
        for (std::string& body : kafka_.TakeOffered()) Offered(std::move(body));
      }
      ReportWhatIsDue();
      TakeOutcomes();
    }
  }
  void ReviveAll() { std::fill(dead_.begin(), dead_.end(), false); }

  [[nodiscard]] bool IsDead(const std::string& key) const {
    return dead_[common::PartitionOf(key, partitions_).index()];
  }
  /// True if every good callback of a living partition has left, unless an earlier one of its key
  /// must wait.
  [[nodiscard]] bool IsDone() const {
    std::set<std::string> held_keys;
    for (const auto& [sequence, row] : source_.rows) {
      const std::string& key = row.envelope.key;
      if (IsDead(key) || held_keys.contains(key)) continue;
      if (kinds_.at(row.envelope.body) != Kind::kTimesOut) return false;
      held_keys.insert(key);
    }
    return true;
  }
  [[nodiscard]] milliseconds now() const { return now_; }

 private:
  struct Due {
    std::string body;
    std::string key;
    milliseconds at;
  };

  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  [[nodiscard]] Replay::TimePoint Now() const { return Replay::TimePoint(now_); }

  void Offered(std::string body) {
    const std::string key = body.substr(body.find(':') + 1);
    const auto sequence = std::stoll(body);
    for (const auto& [earlier, row] : source_.rows) {
      if (earlier >= sequence) break;
      ASSERT_NE(row.envelope.key, key) << body << " overtakes " << earlier;
    }
    const bool times_out = IsDead(key) || kinds_.at(body) == Kind::kTimesOut;
    in_flight_.push_back({body, key, now_ + milliseconds(times_out ? 6000 : Random(100))});
    ASSERT_LE(in_flight_.size(), ReplayPlan::kMostRecords);
  }

  void ReportWhatIsDue() {
    std::vector<StorageReport> reports;
    std::set<common::Partition> spoilt;  // Partitions with a refused batch.
    for (const Due& due : in_flight_) {
      if (due.at <= now_ && !IsDead(due.key) && kinds_.at(due.body) == Kind::kSpoilsItsBatch) {
        spoilt.insert(common::PartitionOf(due.key, partitions_));
      }
    }
    std::erase_if(in_flight_, [&](const Due& due) {
      const bool is_spoilt = spoilt.contains(common::PartitionOf(due.key, partitions_));
      if (due.at > now_ && !is_spoilt) return false;
      StorageReport report{.number = kafka_.numbers.at(due.body)};
      if (is_spoilt) {
        report.outcome = StorageOutcome::kRefused;
        report.is_of_batch = true;
      } else if (IsDead(due.key) || kinds_.at(due.body) == Kind::kTimesOut) {
        report.outcome = StorageOutcome::kUnavailable;
      } else if (kinds_.at(due.body) == Kind::kGood) {
        report.outcome = StorageOutcome::kStored;
      } else {
        report.outcome = StorageOutcome::kRefused;
      }
      reports.push_back(report);
      return true;
    });
    std::shuffle(reports.begin(), reports.end(), random_);
    replay_.OnReports(reports, Now());
  }

  void TakeOutcomes() {
    auto outcomes = replay_.TakeOutcomes();
    for (const auto& done : outcomes.stored) Leave(done.sequence);
    for (const auto& refused : outcomes.refused) {
      const std::string& body = source_.rows.at(refused.callback.sequence).envelope.body;
      ASSERT_NE(kinds_.at(body), Kind::kGood) << body << " is refused: " << refused.reason;
      Leave(refused.callback.sequence);
    }
  }
  void Leave(std::int64_t sequence) {
    source_.rows.erase(sequence);
    replay_.Removed(std::vector<SequenceRange>{{sequence, sequence}});
  }

  std::mt19937 random_;
  int partitions_ = 1;
  std::vector<bool> dead_;
  std::map<std::string, Kind> kinds_;
  std::vector<Due> in_flight_;
  milliseconds now_{0};
  FakeSource source_;
  FakeKafka kafka_;
  Replay replay_{kafka_, [this] { return partitions_; }, source_};
};

TEST(ReplayProperty, OffersEveryAcceptableCallbackInBoundedTime) {
  const unsigned first_seed = std::random_device()();  // Printed on failure.
  for (unsigned i = 0; i < 20; ++i) {
    const unsigned seed = first_seed + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.RunUntil(World::kBound);
    ASSERT_TRUE(world.IsDone()) << "of living partitions";
    world.ReviveAll();
    world.RunUntil(world.now() + World::kBound);
    ASSERT_TRUE(world.IsDone()) << "of recovered partitions";
  }
}

}  // namespace
}  // namespace ingest
