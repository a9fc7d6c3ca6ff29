// Exactly once, as an input list and an output list: under any faults, each fact that arrived is
// published or dead-lettered once.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/seed.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

constexpr int kPartitions = 3;
constexpr int kProcesses = 40;

class Adversary {
 public:
  explicit Adversary(unsigned seed, std::size_t accounts = 1) : random_(seed), accounts_(accounts) {
    settings_.commit.batch.records = 3;
    settings_.intake.pending = 10;
    settings_.commit.repeat = {std::chrono::milliseconds(10), std::chrono::milliseconds(50)};
    if (accounts == 1) return;
    const common::ProviderTable rows;
    std::vector<AccountIndex> by_row(rows.rows().size(), 0);
    by_row[rows.Resolve("eid")] = 1;
    settings_.accounts = AccountsOfRows(by_row, accounts);
  }

  void Act(LaneBench& bench) {
    switch (Below(10)) {
      case 0:
        Arrive(bench);
        break;
      case 1:
      case 2:
        if (!bench.fetcher.jobs.empty()) {
          const auto job = bench.fetcher.jobs[Below(bench.fetcher.jobs.size())];
          if (bench.fetcher.away.contains(job.account)) {
            break;
          } else if (Below(5) == 0) {
            bench.fetcher.Fail(job.process.str(), common::DeadReason::kRejected, 400);
          } else {
            bench.fetcher.Finish(job.process.str());
          }
        }
        break;
      case 3:
        bench.committer.script.push_back({CommitOutcome::kAborted});
        break;
      case 4:
        if (Below(2) == 0) {
          bench.committer.script.push_back({CommitOutcome::kUnknown, Below(2) == 0});
        } else {
          const Partition partition(static_cast<std::int32_t>(Below(kPartitions)));
          bench.committer.script.push_back(
              {.outcome = CommitOutcome::kUnknown, .is_applied = false, .unknown = {partition}});
        }
        break;
      case 5:
        bench.committer.is_hanging = Below(2) == 0;
        break;
      case 6:
        switch (Below(4)) {
          case 0:
            Rebalance(bench);
            break;
          case 1:  // Its log is reported to have gone back: all of it is read again.
            bench.restorer.bounds = {
                {.partition = Partition(static_cast<std::int32_t>(Below(kPartitions))),
                 .went_back = true}};
            break;
          case 2:
            bench.restorer.is_waiting = !bench.restorer.is_waiting;
            break;
        }
        break;
      case 7:
        Refuse(bench);
        if (accounts_ > 1) ChangeAccounts(bench);
        break;
      default:
        bench.Turn(1 + static_cast<int>(Below(4)));
        break;
    }
  }

  /// Processes at random, repeatedly: redeliveries within the window.
  void Arrive(LaneBench& bench) {
    const auto process = static_cast<int>(Below(kProcesses));
    const std::string name = "p" + std::to_string(process);
    const bool is_of_second = accounts_ > 1 && process % 2 == 1;
    bench.ArrivesRaw(process % kPartitions, name,
                     R"({"dossierId":"d","processId":")" + name + R"(","status":"accepted"})",
                     minute_++ / 10, {{"provider", is_of_second ? "eid" : "onfido"}});
    arrived_[name] = 1;
  }

  /// Refuses records of some processes, of a partition, of a whole topic, or none.
  void Refuse(LaneBench& bench) {
    const auto topic = static_cast<OutgoingTopic>(Below(3));
    const Partition partition(static_cast<std::int32_t>(Below(kPartitions)));
    const std::string process = "p" + std::to_string(Below(kProcesses));
    const std::size_t kind = Below(4);
    const auto reason = kRefusalReasons[Below(kRefusalReasons.size())];
    bench.kafka.refuses_all_together = Below(4) == 0;
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

  /// An account goes away or comes back, and time passes: what was passed over may be read again.
  void ChangeAccounts(LaneBench& bench) {
    const AccountIndex account = Below(accounts_);
    if (bench.fetcher.away.erase(account) == 0) bench.fetcher.away.insert(account);
    bench.Pass(std::chrono::seconds(5));
  }

  void Rebalance(LaneBench& bench) {
    bench.source.Revoke(/*is_lost=*/Below(3) == 0);
    std::vector<std::int32_t> partitions;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      if (Below(2) == 0) partitions.push_back(partition);
    }
    bench.source.Assign(partitions);
  }

  /// Stops all faults until every callback is handled.
  void Relent(LaneBench& bench) {
    bench.committer.script.clear();
    bench.kafka.refuses = nullptr;
    bench.committer.is_hanging = false;
    bench.restorer.is_waiting = false;
    bench.fetcher.away.clear();
    bench.Turn(50);
    bench.source.Revoke();
    bench.source.Assign({0, 1, 2});
    for (int i = 0; i < 200; ++i) {
      bench.Turn(2);
      bench.fetcher.FinishAll();
      if (accounts_ > 1) bench.Pass(std::chrono::seconds(1));
    }
  }

  [[nodiscard]] const LaneSettings& settings() const { return settings_; }
  [[nodiscard]] const std::map<std::string, int>& arrived() const { return arrived_; }

 private:
  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  std::mt19937 random_;
  std::size_t accounts_;
  LaneSettings settings_ = LaneBench::Quick();
  std::map<std::string, int> arrived_;
  int minute_ = 0;
};

void HandlesEachFactExactlyOnce(std::size_t accounts) {
  const unsigned first_seed = tests::Seed();
  for (unsigned seed = first_seed; seed != first_seed + 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Adversary adversary(seed, accounts);
    LaneBench bench(adversary.settings());
    bench.restorer.looks_up = accounts > 1;
    bench.AssignAndRestore({0, 1, 2});
    for (int i = 0; i < 400; ++i) adversary.Act(bench);
    adversary.Relent(bench);
    std::map<std::string, int> disposed;
    for (const std::string& key : bench.Published()) ++disposed[key];
    for (const std::string& key : bench.Dead()) ++disposed[key];
    ASSERT_EQ(disposed, adversary.arrived());
    ASSERT_EQ(bench.kafka.seen.size(), disposed.size()) << "one marker each";
    for (const auto& [partition, log] : bench.kafka.callbacks) {
      ASSERT_EQ(bench.kafka.committed[partition], Offset(std::ssize(log)));
    }
    ASSERT_EQ(bench.source.needless_resumes, 0);
  }
}

TEST(Lane, HandlesEachFactExactlyOnceUnderRandomFaults) { HandlesEachFactExactlyOnce(1); }

TEST(Lane, HandlesEachFactExactlyOnceWithTwoAccountsUnderRandomFaults) {
  HandlesEachFactExactlyOnce(2);
}

}  // namespace
}  // namespace consumer
