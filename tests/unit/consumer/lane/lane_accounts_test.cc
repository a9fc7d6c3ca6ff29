// A lane whose callbacks are fetched by two accounts: those of eid by account 1, the others by account 0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Each of the two accounts has room for 30.
LaneSettings OfTwoAccounts(LaneSettings settings = LaneBench::Quick()) {
  const common::ProviderTable rows;
  std::vector<AccountIndex> by_row(rows.rows().size(), 0);
  by_row[rows.Resolve("eid")] = 1;
  settings.accounts = AccountsOfRows(by_row, 2);
  settings.intake.pending = 80;
  return settings;
}

class Lanes : public ExpectedBench {
 public:
  explicit Lanes(LaneSettings settings = OfTwoAccounts()) : ExpectedBench(std::move(settings)) {
    restorer.looks_up = true;
  }

  void Come(const std::string& provider, const std::string& process, std::int32_t partition = 0,
            const std::string& status = "accepted") {
    ArrivesRaw(partition, process,
               R"({"dossierId":"d","processId":")" + process + R"(","status":")" + status + "\"}",
               minute_++ / 100, {{"provider", provider}});
  }
  void Come(const std::string& provider, int count, std::int32_t partition = 0) {
    for (int i = 0; i < count; ++i) {
      Come(provider, provider + std::to_string(come_[provider]++), partition);
    }
  }
  /// Fetches for the accounts that are not away.
  void Fetch() {
    std::vector<std::string> processes;
    for (const FetchJob& job : fetcher.jobs) {
      if (!fetcher.away.contains(job.account)) processes.push_back(job.process.str());
    }
    for (const std::string& process : processes) fetcher.Finish(process);
    Turn();
  }
  /// Time for a partition to be read again.
  void Later(int times = 1) {
    for (int i = 0; i < times; ++i) {
      Pass(5s);
      Turn();
      Fetch();
    }
  }
  [[nodiscard]] std::map<std::string, int> Times() const {
    std::map<std::string, int> times;
    for (const std::string& key : Published()) ++times[key];
    return times;
  }

 private:
  std::map<std::string, int> come_;
  int minute_ = 0;
};

TEST(LaneOfTwoAccounts, NamesTheAccountOfEachJob) {
  Lanes lane;
  lane.AssignAndRestore({0});
  lane.Come("eid", 1);
  lane.Come("onfido", 1);
  lane.Come("nobody", 1);
  lane.Turn();
  std::vector<AccountIndex> accounts;
  for (const FetchJob& job : lane.fetcher.jobs) accounts.push_back(job.account);
  EXPECT_THAT(accounts, ElementsAre(1, 0, 0));
}

TEST(LaneOfTwoAccounts, PublishesForOneWhileAnyNumberWaitsForTheOther) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  for (int i = 0; i < 20; ++i) {
    lane.Come("eid", 100);
    lane.Come("onfido", 1);
    lane.Turn();
    lane.Fetch();
    EXPECT_THAT(lane.Published(), SizeIs(i + 1)) << "at once";
    EXPECT_LE(lane.fetcher.jobs.size(), 30U);
  }
  lane.Pass(1s);
  ASSERT_THAT(lane.events.gauges.accounts, SizeIs(2));
  EXPECT_EQ(lane.events.gauges.accounts[0].pending, 0U);
  EXPECT_EQ(lane.events.gauges.accounts[1].pending, 30U);
  EXPECT_EQ(lane.events.gauges.accounts[1].passed_over, 2'000U - 30U);
  EXPECT_EQ(lane.kafka.committed[Partition(0)], Offset(0)) << "nothing of them is done";

  lane.Later(10);
  EXPECT_THAT(lane.Published(), SizeIs(20)) << "and nothing is read again meanwhile";
  EXPECT_THAT(lane.restorer.asked, SizeIs(1));
  lane.fetcher.away.clear();
  lane.Later(200);
  EXPECT_THAT(lane.Times(), SizeIs(2'020));
  EXPECT_THAT(lane.Published(), SizeIs(2'020)) << "each once";
  EXPECT_THAT(lane.kafka.seen, SizeIs(2'020));
  EXPECT_EQ(lane.kafka.committed[Partition(0)], Offset(2'020));
  EXPECT_EQ(lane.events.disposed[Disposal::kDuplicate], 0) << "a second reading redelivers nothing";
  EXPECT_THAT(lane.events.lost, IsEmpty());
}

TEST(LaneOfTwoAccounts, KeepsTheOrderOfAProcessThroughPassingOver) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("eid", 40);
  lane.Come("eid", "p", 0, "rejected");
  lane.Turn();
  // Room again for a moment, while an earlier one of its process waits in Kafka.
  lane.fetcher.Finish("eid0");
  lane.Turn();
  lane.Come("eid", "p", 0, "accepted");
  lane.Turn();
  EXPECT_THAT(lane.fetcher.jobs, SizeIs(29));
  lane.fetcher.away.clear();
  lane.Later(10);
  std::vector<std::string> of_process;
  for (const OutgoingRecord& record : lane.kafka.processes) {
    if (record.key != "p") continue;
    const bool is_first = record.value.find("\"rejected\"") != std::string::npos;
    of_process.push_back(is_first ? "first" : "second");
  }
  EXPECT_THAT(of_process, ElementsAre("first", "second"));
}

TEST(LaneOfTwoAccounts, DropsRedeliveryOfPassedOverCallback) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("eid", 40);
  for (int i = 0; i < 40; ++i) lane.Come("eid", "eid" + std::to_string(i));
  lane.Come("onfido", 1);
  lane.Turn();
  lane.Fetch();
  EXPECT_THAT(lane.Published(), ElementsAre("onfido0"));
  lane.fetcher.away.clear();
  lane.Later(10);
  EXPECT_THAT(lane.Published(), SizeIs(41));
  EXPECT_THAT(lane.Times(), SizeIs(41));
}

TEST(LaneOfTwoAccounts, ReadsOnePartitionAgainAtATime) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0, 1, 2});
  for (const std::int32_t partition : {0, 1, 2}) lane.Come("eid", 40, partition);
  lane.Turn();
  lane.fetcher.away.clear();
  lane.restorer.asked.clear();
  lane.Fetch();
  lane.Turn(10);
  ASSERT_THAT(lane.restorer.asked, SizeIs(1));
  EXPECT_THAT(lane.restorer.asked[0], SizeIs(1));
  lane.Later(20);
  EXPECT_THAT(lane.Published(), SizeIs(120));
  EXPECT_THAT(lane.Times(), SizeIs(120));
}

// A backlog at the front of a partition, however long, must not hide what comes behind it.
TEST(LaneOfTwoAccounts, ReachesFreshCallbacksOfOthersBehindBacklog) {
  for (const bool is_restarted : {false, true}) {
    Lanes lane;
    lane.fetcher.away = {1};
    lane.AssignAndRestore({0});
    lane.Come("eid", 6'000);
    lane.Turn(10);
    lane.fetcher.away.clear();
    lane.fetcher.FinishAll();
    if (is_restarted) {
      lane.source.Revoke();
      lane.source.Assign({0});
    }
    while (lane.restorer.asked.size() < 2) lane.Pass(100ms);
    lane.Come("onfido", 1);
    int seconds = 0;
    for (; seconds < 60 && lane.Times().count("onfido0") == 0; ++seconds) {
      lane.Pass(1s);  // Reads a thousand.
      lane.fetcher.FinishAll();
    }
    EXPECT_LE(seconds, 20) << "two readings at most; after a restart: " << is_restarted;
    EXPECT_LT(lane.Published().size(), 1'000U) << "the backlog goes on";
  }
}

// Each reading asks for them anew.
TEST(LaneOfTwoAccounts, LetsSlowCallbacksOfOthersComeToTheirEnd) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("onfido", 1);
  lane.Come("eid", 300);
  lane.Turn();
  const auto job_of_onfido = [&] {
    const auto& jobs = lane.fetcher.jobs;
    const auto found = std::ranges::find(jobs, AccountIndex{0}, &FetchJob::account);
    return found == jobs.end() ? JobId{0} : found->id;
  };
  const auto fetch_eid = [&] {
    while (lane.fetcher.jobs.size() > 1)
      lane.fetcher.Finish(lane.fetcher.jobs.back().process.str());
    lane.Turn();
  };
  lane.fetcher.away.clear();
  fetch_eid();
  lane.Pass(200ms);
  lane.Turn();
  ASSERT_THAT(lane.restorer.asked, SizeIs(2));
  const JobId job = job_of_onfido();
  ASSERT_NE(job, 0U);
  for (int second = 0; second < 15; ++second) {
    fetch_eid();
    lane.Pass(1s);
    EXPECT_EQ(job_of_onfido(), job) << second;
  }
  lane.Pass(6s);
  lane.Turn();
  EXPECT_THAT(lane.restorer.asked, SizeIs(3)) << "it had its time";
  EXPECT_NE(job_of_onfido(), job);
  lane.Later(100);
  EXPECT_THAT(lane.Times(), SizeIs(301));
  EXPECT_THAT(lane.Published(), SizeIs(301));
}

TEST(LaneOfTwoAccounts, DoesNotWaitForCallbacksOfAnotherOneThatIsAway) {
  Lanes lane;
  lane.fetcher.away = {0, 1};
  lane.AssignAndRestore({0});
  lane.Come("onfido", 1);
  lane.Come("eid", 40);
  lane.Turn();
  lane.fetcher.away = {0};
  lane.Fetch();
  lane.Pass(200ms);
  EXPECT_THAT(lane.restorer.asked, SizeIs(2));
}

TEST(LaneOfTwoAccounts, CountsWhatIsPublishedBesideSecondReading) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("eid", 40);
  lane.Turn();
  for (int i = 0; i < 20; ++i) lane.fetcher.Finish("eid" + std::to_string(i));
  lane.Turn();
  lane.Come("onfido", 1);
  lane.Turn();
  lane.committer.is_hanging = true;
  lane.Fetch();
  lane.fetcher.away.clear();
  lane.Pass(2s);
  EXPECT_THAT(lane.restorer.asked, SizeIs(1)) << "the batch is under way";
  lane.committer.is_hanging = false;
  lane.Later(10);
  EXPECT_THAT(lane.Published(), SizeIs(41));
  EXPECT_EQ(lane.events.disposed[Disposal::kPublished], 41);
}

// The restore would wait for its end, and the fresh callbacks of all accounts with it.
TEST(LaneOfTwoAccounts, ReadsNothingAgainWhereATransactionIsForgotten) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("eid", 40);
  lane.Turn();
  lane.fetcher.away.clear();
  for (const auto& forgotten : {std::optional(ForgottenPlaces{{"callbacks.seen", Partition(0)}}),
                                std::optional<ForgottenPlaces>()}) {
    lane.restorer.forgotten = forgotten;
    lane.Later(3);
    EXPECT_THAT(lane.restorer.asked, SizeIs(1));
  }
  lane.restorer.forgotten = ForgottenPlaces();
  lane.Later(3);
  EXPECT_THAT(lane.Published(), SizeIs(40));
}

// Markers do not tell whose API has answered.
TEST(LaneOfTwoAccounts, TakesResultsOfOneAccountForNoEvidenceAboutAnother) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.ArrivesRaw(0, "p1", R"({"dossierId":"d","processId":"p1","status":"accepted"})", 1,
                  {{"provider", "eid"}});
  lane.Arrives(0, "p2", 2);
  lane.Turn();
  lane.Fetch();
  ASSERT_THAT(lane.Published(), ElementsAre("p2"));
  lane.Restart();
  ASSERT_THAT(lane.fetcher.jobs, SizeIs(1));
  EXPECT_FALSE(lane.fetcher.jobs[0].is_overtaken);
}

// They would only be passed over again.
TEST(LaneOfTwoAccounts, ReadsNothingAgainWhileTheAccountIsAway) {
  Lanes lane;
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Come("eid", 40);
  lane.Turn();
  for (int i = 0; i < 20; ++i) lane.fetcher.Finish("eid" + std::to_string(i));
  lane.Later(3);
  EXPECT_THAT(lane.restorer.asked, SizeIs(1)) << "there is room, but its breaker is open";
  lane.fetcher.away.clear();
  lane.Later(3);
  EXPECT_THAT(lane.Published(), SizeIs(40));
}

TEST(LaneOfTwoAccounts, LosesNothingPassedOverInARebalance) {
  for (const bool is_lost : {false, true}) {
    Lanes lane;
    lane.fetcher.away = {1};
    lane.AssignAndRestore({0});
    lane.Come("eid", 100);
    lane.Come("onfido", 5);
    lane.Turn();
    lane.Fetch();
    lane.source.Revoke(is_lost);
    lane.Turn();
    lane.source.Assign({0});
    lane.fetcher.away.clear();
    lane.Later(20);
    EXPECT_THAT(lane.Published(), SizeIs(105));
    EXPECT_THAT(lane.Times(), SizeIs(105));
  }
}

TEST(LaneOfTwoAccounts, HasNoShareIfThereIsOnlyOne) {
  LaneSettings settings = OfTwoAccounts();
  settings.accounts = AccountsOfRows();
  Lanes lane(settings);
  lane.AssignAndRestore({0});
  lane.Come("eid", 200);
  lane.Turn();
  EXPECT_THAT(lane.fetcher.jobs, SizeIs(80)) << "intake stops at the lane's own bound";
  EXPECT_THAT(lane.events.gauges.accounts, IsEmpty());
}

// Its callback may be among those that were passed over.
TEST(LaneOfTwoAccounts, DoesNotLookForCallbacksOfAnAccountThatHasPassedSomeOver) {
  LaneSettings settings = Watching();
  Lanes lane(OfTwoAccounts(settings));
  lane.fetcher.away = {1};
  lane.AssignAndRestore({0});
  lane.Announce("p1", {}, "eid");
  lane.Announce("p2", {}, "onfido");
  for (int i = 0; i < 40; ++i) lane.ArrivesNow("x" + std::to_string(i));
  for (auto& record : lane.kafka.callbacks[Partition(0)]) record.headers = {{"provider", "eid"}};
  lane.Turn();
  lane.fetcher.away.clear();
  lane.ExpectedBench::Later(2h);
  EXPECT_THAT(lane.Looks(), ElementsAre("p2"));
}

}  // namespace
}  // namespace consumer
