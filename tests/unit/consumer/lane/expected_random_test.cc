// Exactly once with announced processes: under any faults, each process whose callback came or that
// was announced has one result, or the dead letter of its callback.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "tests/support/seed.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 3;
constexpr int kProcesses = 40;

/// Some processes are announced, some have callbacks, most have both; in any order, repeatedly.
class Adversary {
 public:
  explicit Adversary(unsigned seed) : random_(seed) {
    settings_.commit.batch.records = 3;
    settings_.intake.pending = 10;
    settings_.commit.repeat = {10ms, 50ms};
    settings_.expected = {.expected = {.rate = 1'000}, .most = 30};
  }

  void Act(LaneBench& bench) {
    switch (Below(14)) {
      case 0:
      case 1:
        Arrive(bench);
        break;
      case 2:
        Announce(bench);
        break;
      case 3:
      case 4:
        Answer(bench);
        break;
      case 5:
        bench.committer.script.push_back({CommitOutcome::kAborted});
        break;
      case 6:
        if (Below(2) == 0) {
          bench.committer.script.push_back({CommitOutcome::kUnknown, Below(2) == 0});
        } else {
          const Partition partition(static_cast<std::int32_t>(Below(kPartitions)));
          bench.committer.script.push_back(
              {.outcome = CommitOutcome::kUnknown, .is_applied = false, .unknown = {partition}});
        }
        break;
      case 7:
        bench.committer.is_hanging = Below(2) == 0;
        break;
      case 8:
        Disturb(bench);
        break;
      case 9:
        Refuse(bench);
        break;
      case 10:
        LookUpEnds(bench);
        bench.Pass(std::chrono::minutes(Below(20)));
        break;
      default:
        bench.Turn(1 + static_cast<int>(Below(4)));
        break;
    }
  }

  void Relent(LaneBench& bench) {
    bench.committer.script.clear();
    bench.kafka.refuses = nullptr;
    bench.committer.is_hanging = false;
    bench.restorer.is_waiting = false;
    bench.fetcher.is_breaker_open = false;
    bench.Turn(50);
    bench.source.Revoke();
    bench.source.Assign({0, 1, 2});
    for (int i = 0; i < 300; ++i) {
      bench.Turn(2);
      bench.fetcher.FinishAll();
      bench.Pass(2min);
      LookUpEnds(bench);
    }
  }

  [[nodiscard]] const LaneSettings& settings() const { return settings_; }
  /// By process: how many results or dead letters there must be.
  [[nodiscard]] const std::map<std::string, int>& due() const { return due_; }

 private:
  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  static std::string Name(std::size_t process) { return "p" + std::to_string(process); }

  void Arrive(LaneBench& bench) {
    const std::size_t process = Below(kProcesses);
    if (process % 4 == 0) return;  // Its callback is lost.
    const Partition partition(static_cast<std::int32_t>(process % kPartitions));
    auto& log = bench.kafka.callbacks[partition];
    // One in five has no status, always.
    const bool is_plain = process % 5 == 0;
    log.push_back({partition,
                   Offset(std::ssize(log)),
                   bench.wall_now,
                   Name(process),
                   R"({"dossierId":"d","processId":")" + Name(process) + "\"" +
                       (is_plain ? "" : R"(,"status":"accepted")") + "}",
                   {{"provider", "onfido"}}});
    due_[Name(process)] = 1;
  }

  void Announce(LaneBench& bench) {
    const std::size_t process = Below(kProcesses);
    if (process % 7 == 0) return;  // Nobody announces it.
    bench.announcements.Announce(static_cast<std::int32_t>(process % kPartitions), Name(process),
                                 bench.wall_now, std::chrono::minutes(Below(30)));
    due_[Name(process)] = 1;
  }

  void Answer(LaneBench& bench) {
    if (bench.fetcher.jobs.empty()) return;
    const FetchJob job = bench.fetcher.jobs[Below(bench.fetcher.jobs.size())];
    const std::string process = job.process.str();
    const std::size_t kind = Below(5);
    if (job.is_look && kind < 2) {
      bench.fetcher.FinishNot(process, kind == 0 ? Reaction::kAwait : Reaction::kRetry);
    } else if (!job.is_look && kind == 0) {
      bench.fetcher.Fail(process, common::DeadReason::kRejected, 400);
    } else {
      bench.fetcher.Finish(process);
    }
  }

  void Disturb(LaneBench& bench) {
    switch (Below(5)) {
      case 0:
        bench.source.Revoke(/*is_lost=*/Below(3) == 0);
        bench.source.Assign(Below(2) == 0 ? std::vector<std::int32_t>{0, 1, 2}
                                          : std::vector<std::int32_t>{1});
        break;
      case 1:  // Its log is reported to have gone back: all of it is read again.
        bench.restorer.bounds = {
            {.partition = Partition(static_cast<std::int32_t>(Below(kPartitions))),
             .went_back = true}};
        break;
      case 2:
        bench.restorer.is_waiting = !bench.restorer.is_waiting;
        break;
      case 3:
        bench.fetcher.is_breaker_open = Below(2) == 0;
        break;
    }
  }

  void Refuse(LaneBench& bench) {
    const auto topic = static_cast<OutgoingTopic>(Below(3));
    const Partition partition(static_cast<std::int32_t>(Below(kPartitions)));
    const std::string process = Name(Below(kProcesses));
    const std::size_t kind = Below(4);
    const auto reason = kRefusalReasons[Below(kRefusalReasons.size())];
    bench.kafka.refuses = nullptr;
    if (kind == 3) return;
    bench.kafka.refuses = [=](const OutgoingRecord& record) -> std::optional<RefusalReason> {
      const bool is_refused = record.topic == topic &&
                              (kind == 0   ? record.key == process
                               : kind == 1 ? record.partition.value_or(Partition()) == partition
                                           : true);
      return is_refused ? std::optional(reason) : std::nullopt;
    };
  }

  static void LookUpEnds(LaneBench& bench) {
    for (const Partition partition : common::AllPartitions(kPartitions)) {
      const auto end = Offset(std::ssize(bench.kafka.callbacks[partition]));
      bench.restorer.bounds.push_back(
          {.partition = partition, .end = end, .looked_up_at = bench.now});
    }
  }

  std::mt19937 random_;
  LaneSettings settings_ = LaneBench::Quick();
  std::map<std::string, int> due_;
};

TEST(ExpectedProcess, HasExactlyOneResultUnderRandomFaults) {
  const unsigned first_seed = tests::Seed();
  int reconciled = 0;
  for (unsigned seed = first_seed; seed != first_seed + 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Adversary adversary(seed);
    LaneBench bench(adversary.settings());
    bench.does_wall_clock_run = true;
    bench.AssignAndRestore({0, 1, 2});
    for (int i = 0; i < 500; ++i) adversary.Act(bench);
    adversary.Relent(bench);
    std::map<std::string, int> disposed;
    for (const std::string& key : bench.Published()) ++disposed[key];
    for (const std::string& key : bench.Dead()) ++disposed[key];
    ASSERT_EQ(disposed, adversary.due());
    for (const auto& [partition, log] : bench.kafka.callbacks) {
      ASSERT_EQ(bench.kafka.committed[partition], Offset(std::ssize(log)));
    }
    reconciled += bench.events.expected[ExpectedEnd::kReconciled];
  }
  EXPECT_GT(reconciled, 1'000) << "else this tests little";
}

}  // namespace
}  // namespace consumer
