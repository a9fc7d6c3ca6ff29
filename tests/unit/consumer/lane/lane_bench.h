#pragma once

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "consumer/lane/lane.h"
#include "consumer/state/expected_identities.h"
#include "tests/unit/consumer/lane/fake_kafka.h"

namespace consumer {

/// Ends fetches when the test says so.
class FakeFetcher final : public Fetcher {
 public:
  void Submit(FetchJob job, TimePoint /*now*/) override { jobs.push_back(std::move(job)); }
  void CancelAll() override {
    jobs.clear();
    results_.clear();
  }
  void Cancel(const std::unordered_set<JobId>& ids) override {
    std::erase_if(jobs, [&](const FetchJob& job) { return ids.contains(job.id); });
    std::erase_if(results_, [&](const FetchResult& result) { return ids.contains(result.id); });
  }
  std::vector<FetchResult> Advance(TimePoint /*now*/) override {
    return std::exchange(results_, {});
  }
  [[nodiscard]] TimePoint NextDue(TimePoint now) const override { return now + next_due; }
  [[nodiscard]] bool WantsIntake() const override {
    return is_breaker_open ? jobs.empty() && may_probe : true;
  }
  [[nodiscard]] bool MayLook(AccountIndex account) const override {
    const auto is_of_account = [&](const FetchJob& job) { return job.account == account; };
    const bool is_away = is_breaker_open || away.contains(account);
    return !is_away || (std::ranges::none_of(jobs, is_of_account) && results_.empty());
  }
  [[nodiscard]] std::optional<TimePoint> NextProbe(TimePoint now) const override {
    return is_breaker_open ? std::optional(NextDue(now)) : std::nullopt;
  }

  /// Lets the job of that process succeed; false if there is none.
  bool Finish(const std::string& process) { return Finish(process, "accepted"); }
  bool Finish(const std::string& process, const std::string& status,
              std::optional<common::WallTime> updated_at = {}) {
    return Take(process, Fetched{R"({"status":")" + status + "\"}", "{}", common::WallTime{},
                                 status, updated_at});
  }
  /// Ends a look without a finished process.
  bool FinishNot(const std::string& process, Reaction why) {
    return Take(process, NotFinished{why});
  }
  bool Fail(const std::string& process, common::DeadReason reason, int status) {
    return Take(process, Unfetchable{reason, status, "trace-1"});
  }
  void FinishAll() {
    while (!jobs.empty()) Finish(jobs.front().process.str());
  }

  std::vector<FetchJob> jobs;
  std::chrono::milliseconds next_due{0};
  bool is_breaker_open = false;
  std::set<AccountIndex> away;  ///< Their breakers are open.
  bool may_probe = false;

 private:
  bool Take(const std::string& process, FetchOutcome outcome) {
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const FetchJob& job) {
      return job.process.str() == process;
    });
    if (found == jobs.end()) return false;
    results_.push_back({found->id, {3, std::chrono::milliseconds(250)}, std::move(outcome)});
    jobs.erase(found);
    return true;
  }
  std::vector<FetchResult> results_;
};

/// The log of `callbacks.expected`. Everything in it is within `max_wait`.
class FakeAnnouncements final : public Announcements {
 public:
  [[nodiscard]] int fd() const override { return -1; }
  void Follow(const std::map<Partition, Epoch>& partitions) override {
    for (const auto& [partition, epoch] : partitions) {
      const auto known = followed.find(partition);
      if (known != followed.end() && known->second == epoch) continue;
      positions_[partition] = 0;
      old_[partition] = logs[partition].size();
    }
    followed = partitions;
  }
  [[nodiscard]] std::vector<AnnouncementNews> Take(std::size_t most) override {
    std::vector<AnnouncementNews> taken;
    for (const auto& [partition, epoch] : followed) {
      if (unreadable.contains(partition)) continue;
      const auto& log = logs[partition];
      for (std::size_t& at = positions_[partition]; at < log.size() && taken.size() < most; ++at) {
        Announcement announcement = log[at];
        announcement.epoch = epoch;
        announcement.is_old = at < old_[partition];
        taken.emplace_back(std::move(announcement));
      }
      if (taken.size() == most) break;
      taken.emplace_back(AnnouncementsRead{partition, epoch, now});
    }
    return taken;
  }

  void Announce(std::int32_t number, const std::string& process, common::WallTime at,
                std::optional<std::chrono::milliseconds> within = {},
                const std::string& provider = "onfido") {
    const Partition partition(number);
    const common::DossierId dossier("d");
    const common::ProcessId id(process);
    Announcement announcement{.partition = partition, .at = at, .process = id};
    announcement.expected = {.dossier = dossier,
                             .provider = provider,
                             .row = common::ProviderTable().Resolve(provider),
                             .within = within,
                             .identities = IdentitiesOfLastCallback(provider, dossier, id)};
    logs[partition].push_back(std::move(announcement));
  }
  void Forget(std::int32_t number, const std::string& process) {
    const Partition partition(number);
    logs[partition].push_back({.partition = partition, .process = common::ProcessId(process)});
  }

  std::map<Partition, std::vector<Announcement>> logs;
  std::map<Partition, Epoch> followed;
  std::set<Partition> unreadable;
  std::chrono::steady_clock::time_point now{};

 private:
  std::map<Partition, std::size_t> positions_;
  std::map<Partition, std::size_t> old_;
};

/// Records the events that tests check.
class RecordingEvents final : public LaneEvents {
 public:
  void Assigned(std::size_t /*partitions*/) override {}
  void Revoked(std::size_t /*partitions*/, bool /*is_lost*/) override {}
  void Restored(Partition /*partition*/, Offset /*start*/, std::size_t /*keys*/,
                std::chrono::steady_clock::duration /*elapsed*/) override {}
  void ClockSeen(common::ProviderTable::Index /*row*/, std::chrono::milliseconds ahead) override {
    aheads.push_back(ahead);
  }
  void LogWentBack(Partition partition, Offset position, Offset begin) override {
    lost.push_back("partition " + ToText(partition) + " went back from " + ToText(position) +
                   " to " + ToText(begin));
  }
  void ExpiredUnread(Partition partition, Offset from, Offset to) override {
    lost.push_back("partition " + ToText(partition) + " expired from " + ToText(from) + " to " +
                   ToText(to));
  }
  void PartitionsChanged(const std::optional<PartitionsChange>& change) override {
    changes.push_back(change ? std::to_string(change->before) + " to " + std::to_string(change->now)
                             : "fit");
  }
  void PartitionsUnread(std::size_t count) override { unread.push_back(count); }
  void DisposedOf(common::ProviderTable::Index /*row*/, Disposal disposal,
                  std::optional<std::chrono::milliseconds> waited) override {
    ++disposed[disposal];
    if (waited) waits.push_back(*waited);
  }
  void DeadLettered(const common::CallbackFacts& /*facts*/,
                    const common::DeadLetter& /*letter*/) override {}
  void RecordSetAside(const SetAsideReport& report) override {
    (report.is_new ? set_aside : still_set_aside).push_back(report);
  }
  void AcceptedAgain(OutgoingTopic /*topic*/, Partition /*partition*/, std::size_t count) override {
    taken_again += count;
  }
  void TransactionEnded(const CommitReport& /*report*/) override {}
  void CommitWithheld() override { ++withheld; }
  void ReadingStalled(Partition partition, Offset offset) override {
    stalls.emplace_back(partition, offset);
  }
  void ClientRenewed(std::string_view why) override { renewals.emplace_back(why); }
  void ExpectedEnded(const ExpectedReport& report) override {
    ++expected[report.end];
    if (report.is_lost) ++callbacks_lost;
  }
  void ExpectedElsewhere(std::string_view announced, std::string_view came_by) override {
    elsewhere.push_back(std::string(announced) + " by " + std::string(came_by));
  }
  void ExpectedUnclear(std::string_view process, std::string_view status) override {
    unclear.push_back(std::string(process) + " is " + std::string(status));
  }
  void ExpectedRefused(std::string_view process, RefusalReason reason) override {
    refused.push_back(std::string(process) + " " + std::string(ToText(reason)));
  }
  void ExpectedFull(std::size_t outstanding) override { full.push_back(outstanding); }
  void ForgottenEnded(const EndedTransaction& ended) override { ended_at.push_back(ended.at); }
  void Measured(const LaneGauges& measured) override { gauges = measured; }

  std::map<Disposal, int> disposed;
  std::map<ExpectedEnd, int> expected;
  int callbacks_lost = 0;
  std::vector<std::string> elsewhere;
  std::vector<std::string> unclear;
  std::vector<std::string> refused;
  std::vector<std::size_t> full;
  std::vector<std::string> lost;
  std::vector<std::string> changes;
  std::vector<std::size_t> unread;
  std::vector<std::chrono::milliseconds> waits;
  std::vector<std::chrono::milliseconds> aheads;  ///< Of received-at.
  std::vector<SetAsideReport> set_aside;
  std::vector<SetAsideReport> still_set_aside;
  std::size_t taken_again = 0;
  int withheld = 0;
  std::vector<Offset> ended_at;
  std::vector<std::pair<Partition, Offset>> stalls;
  std::vector<std::string> renewals;
  LaneGauges gauges;
};

/// A lane on test doubles, with a clock that the test moves.
class LaneBench {
 public:
  explicit LaneBench(LaneSettings settings = Quick(), common::ProviderTable rows = {},
                     CallbackTraces* traces = nullptr)
      : providers(std::move(rows)),
        lane(std::move(settings), providers,
             {source, committer, restorer, fetcher, events, &announcements, [] { return 0.5; },
              traces},
             [this] { return wall_now; }) {}

  /// Settings that commit in the turn after a completion.
  static LaneSettings Quick() {
    LaneSettings settings;
    settings.callbacks_topic = "callbacks";
    settings.commit.interval = std::chrono::milliseconds(0);
    return settings;
  }

  /// Appends a callback; `minute` is its record time.
  void Arrives(std::int32_t partition, const std::string& process, int minute = 0,
               const std::string& status = "accepted") {
    ArrivesRaw(partition, process,
               R"({"dossierId":"d","processId":")" + process + R"(","status":")" + status + "\"}",
               minute);
  }
  void ArrivesRaw(std::int32_t number, const std::string& key, const std::string& body,
                  int minute = 0, common::RecordHeaders headers = {{"provider", "onfido"}}) {
    const Partition partition(number);
    auto& log = kafka.callbacks[partition];
    const Offset offset(std::ssize(log));
    log.push_back({partition, offset, Time(minute), key, body, std::move(headers)});
  }
  static common::WallTime Time(int minute) {
    return common::WallTime(std::chrono::hours(480'000) + std::chrono::minutes(minute));
  }

  /// Turns the lane `turns` times, 10 ms apart: enough to commit whatever is ready.
  void Turn(int times = 5) {
    for (int i = 0; i < times; ++i) Pass(std::chrono::milliseconds(10));
  }
  void Pass(std::chrono::milliseconds time) {
    now += time;
    announcements.now = now;
    if (does_wall_clock_run) wall_now += time;
    lane.Turn(now);
  }
  void AssignAndRestore(const std::vector<std::int32_t>& partitions) {
    source.Assign(partitions);
    Turn();
  }

  /// Keys of the published results, in order.
  [[nodiscard]] std::vector<std::string> Published() const { return KeysOf(kafka.processes); }
  [[nodiscard]] std::vector<std::string> Dead() const { return KeysOf(kafka.dead); }
  static std::vector<std::string> KeysOf(const std::vector<OutgoingRecord>& records) {
    std::vector<std::string> keys;
    for (const OutgoingRecord& record : records) keys.push_back(record.key);
    return keys;
  }

  common::ProviderTable providers;
  FakeKafka kafka;
  FakeSource source{kafka};
  FakeCommitter committer{kafka};
  FakeRestorer restorer{kafka};
  FakeFetcher fetcher;
  FakeAnnouncements announcements;
  RecordingEvents events;
  bool does_wall_clock_run = false;
  common::WallTime wall_now{std::chrono::hours(500'000)};
  Lane::TimePoint now{std::chrono::hours(1)};
  Lane lane;
};

}  // namespace consumer
