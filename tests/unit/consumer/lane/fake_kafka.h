#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/marker.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/restorer.h"
#include "consumer/lane/source.h"

namespace consumer {

/// The record at an offset of a log of these fakes, which has no gaps.
[[nodiscard]] inline std::size_t IndexOf(Offset offset) {
  return static_cast<std::size_t>(offset.number());
}

/// The state of a cluster, as far as a lane can see it.
struct FakeKafka {
  std::map<Partition, std::vector<SourceRecord>> callbacks;
  std::map<Partition, Offset> begins;  ///< Of the logs of `callbacks`.
  std::map<Partition, Offset> committed;
  std::map<Partition, common::OffsetMetadata> metadata;  ///< Of the committed offsets.
  int partitions = 12;                                   ///< Of `callbacks`.
  std::vector<OutgoingRecord> processes;
  std::vector<OutgoingRecord> seen;
  std::vector<OutgoingRecord> dead;
  std::int32_t generation = 1;  ///< Of the group: an older one cannot commit.

  /// Why a topic refuses a record; accepts all by default.
  std::function<std::optional<RefusalReason>(const OutgoingRecord&)> refuses;
  /// True if no record is delivered once one is refused, as when a partition cannot be added to the
  /// transaction.
  bool refuses_all_together = false;

  /// A request carries all records of a partition of a topic and is refused as a whole.
  [[nodiscard]] std::vector<Refusal> RefusalsOf(const Batch& batch) const {
    std::map<std::pair<OutgoingTopic, Partition>, RefusalReason> refused;
    const auto request = [](const OutgoingRecord& record) {
      return std::pair(record.topic, record.partition.value_or(Partition()));
    };
    for (const OutgoingRecord& record : batch.records) {
      if (!refuses) break;
      if (const auto reason = refuses(record)) refused.emplace(request(record), *reason);
    }
    std::vector<Refusal> refusals;
    if (refused.empty()) return refusals;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      const auto found = refused.find(request(batch.records[i]));
      if (found != refused.end()) {
        refusals.push_back({i, found->second});
      } else if (refuses_all_together) {
        refusals.push_back({i, RefusalReason::kUnavailable});
      }
    }
    return refusals;
  }

  /// True unless the transaction was fenced.
  bool Apply(const Batch& batch) {
    if (batch.membership.generation != generation) return false;
    for (const OutgoingRecord& record : batch.records) {
      switch (record.topic) {
        case OutgoingTopic::kProcesses:
          processes.push_back(record);
          break;
        case OutgoingTopic::kSeen:
          seen.push_back(record);
          break;
        case OutgoingTopic::kDead:
          dead.push_back(record);
          break;
      }
    }
    for (const PartitionOffset& entry : batch.offsets) {
      committed[entry.partition] = entry.offset;
      metadata[entry.partition] = entry.metadata;
    }
    return true;
  }
};

/// A member that is assigned and revoked by the test.
class FakeSource final : public Source {
 public:
  explicit FakeSource(FakeKafka& kafka) : kafka_(kafka) {}

  /// With the next Poll() or Close().
  void Assign(const std::vector<std::int32_t>& numbers) {
    const std::vector<Partition> partitions(numbers.begin(), numbers.end());
    events_.push_back([this, partitions](SourceListener& listener) {
      membership = {kafka_.generation, "member", "serialized"};
      positions_.clear();
      for (const Partition partition : partitions) positions_[partition] = Offset();
      paused.insert(partitions.begin(), partitions.end());
      listener.Assigned(partitions);
    });
  }
  void Revoke(bool is_lost = false) {
    events_.push_back([this, is_lost](SourceListener& listener) {
      // Lost: the group has moved on before we know.
      if (is_lost) ++kafka_.generation;
      listener.Revoked(is_lost);
      positions_.clear();
      if (!is_lost) ++kafka_.generation;
    });
  }

  /// With the next Poll(): as if the log did not have the position.
  void Refuse(Partition partition) {
    events_.push_back([this, partition](SourceListener& listener) {
      refused.insert(partition);
      listener.PositionRefused(partition);
    });
  }

  [[nodiscard]] int fd() const override { return -1; }
  bool Poll(SourceListener& listener, int max_records) override {
    while (!events_.empty()) {
      const auto event = std::move(events_.front());
      events_.pop_front();
      event(listener);
    }
    for (auto& [partition, position] : positions_) {
      if (refused.contains(partition)) continue;
      const auto& log = kafka_.callbacks[partition];
      while (!paused.contains(partition) && IndexOf(position) < log.size()) {
        if (max_records-- == 0) return true;
        const SourceRecord& record = log[IndexOf(position)];
        ++position;
        ArrivedRecord arrived{.partition = record.partition,
                              .offset = record.offset,
                              .time = record.time,
                              .key = record.key,
                              .value = record.value,
                              .headers = {}};
        for (const auto& [name, text] : record.headers) arrived.headers.push_back({name, text});
        if (!listener.Take(arrived)) return false;
      }
      const auto end = ends.find(partition);
      if (!paused.contains(partition) && end != ends.end()) listener.AtEnd(partition, end->second);
    }
    return false;
  }
  [[nodiscard]] std::set<Partition> Seek(const std::map<Partition, Offset>& offsets) override {
    ++seek_calls;
    std::set<Partition> sought;
    for (const auto& [partition, offset] : offsets) {
      seeks.emplace_back(partition, offset);
      if (!can_seek || refused.contains(partition)) continue;
      positions_.at(partition) = offset;
      sought.insert(partition);
    }
    return sought;
  }
  void Pause(const std::vector<Partition>& partitions) override {
    paused.insert(partitions.begin(), partitions.end());
    ++pauses;
  }
  void Resume(const std::vector<Partition>& partitions) override {
    for (const Partition partition : partitions) {
      if (paused.erase(partition) == 0) ++needless_resumes;
    }
  }
  [[nodiscard]] std::optional<GroupMembership> Membership() const override { return membership; }
  [[nodiscard]] std::optional<common::Error> failure() const override { return failed; }
  [[nodiscard]] FencingDoubt fencing_doubt() const override { return doubt; }
  void Renew(SourceListener& listener, MemberName name) override {
    ++renewals;
    refused.clear();
    failed.reset();
    if (name == MemberName::kFresh) ++fresh_names;
    if (!positions_.empty()) listener.Revoked(false);
    positions_.clear();
  }
  void Close(SourceListener& listener) override {
    if (!positions_.empty()) Revoke();
    Poll(listener, 0);
  }

  std::optional<GroupMembership> membership;
  std::optional<common::Error> failed;
  FencingDoubt doubt = FencingDoubt::kNone;
  std::set<Partition> paused;
  std::set<Partition> refused;       ///< Not sought since.
  std::map<Partition, Offset> ends;  ///< Reported by each Poll() that reads the partition.
  std::vector<std::pair<Partition, Offset>> seeks;
  std::size_t seek_calls = 0;
  bool can_seek = true;
  int pauses = 0;
  int needless_resumes = 0;
  int renewals = 0;
  int fresh_names = 0;

 private:
  FakeKafka& kafka_;
  std::deque<std::function<void(SourceListener&)>> events_;
  std::map<Partition, Offset> positions_;
};

/// Ends transactions by the script; by default it commits each batch at once.
class FakeCommitter final : public Committer {
 public:
  struct Act {
    CommitOutcome outcome = CommitOutcome::kCommitted;
    bool is_applied = true;  ///< Whether it was really committed; an unknown outcome may be either.
    std::vector<Refusal> refusals = {};
    bool is_fenced = false;
    std::set<Partition> unknown = {};
  };

  explicit FakeCommitter(FakeKafka& kafka) : kafka_(kafka) {}

  [[nodiscard]] int fd() const override { return -1; }
  void Submit(Batch batch) override {
    submitted.push_back(batch);
    under_way_ = std::move(batch);
  }
  [[nodiscard]] std::optional<CommitReport> TakeReport() override {
    if (!under_way_ || is_hanging) return std::nullopt;
    Act act;
    if (!script.empty()) {
      act = script.front();
      script.pop_front();
    }
    CommitReport report;
    report.outcome = act.outcome;
    report.refusals = kafka_.RefusalsOf(*under_way_);
    if (!report.refusals.empty()) act.outcome = report.outcome = CommitOutcome::kAborted;
    if (!act.refusals.empty()) report.refusals = act.refusals;
    report.is_fenced = act.is_fenced;
    report.unknown = act.unknown;
    const bool is_applied = act.outcome == CommitOutcome::kAborted ? false : act.is_applied;
    if (is_applied && !kafka_.Apply(*under_way_)) report.outcome = CommitOutcome::kAborted;
    report.batch = *std::exchange(under_way_, std::nullopt);
    return report;
  }
  [[nodiscard]] std::optional<CommitReport> WaitReport(common::Deadline /*deadline*/) override {
    return TakeReport();
  }
  void HasSeen(const common::OffsetMetadata& basis) override { seen.push_back(basis); }
  void Recycle() override { ++recycled; }

  std::deque<Act> script;
  std::vector<Batch> submitted;
  std::vector<common::OffsetMetadata> seen;
  bool is_hanging = false;
  int recycled = 0;

 private:
  FakeKafka& kafka_;
  std::optional<Batch> under_way_;
};

/// Restores at once, unless told to wait.
class FakeRestorer final : public Restorer {
 public:
  explicit FakeRestorer(FakeKafka& kafka) : kafka_(kafka) {}

  [[nodiscard]] int fd() const override { return -1; }
  void Restore(RestoreOrder order) override {
    asked.push_back(order.partitions);
    partitions_ = order.partitions;
    running = order.running;
    from_begin = std::move(order.from_begin);
    epoch_ = order.epoch;
  }
  void Watch(Standing standing) override {
    watched = std::move(standing.positions);
    unchecked = std::move(standing.unchecked);
  }
  [[nodiscard]] TopicView Topic() override { return topic; }
  [[nodiscard]] std::vector<RestoredPartition> TakeRestored() override {
    std::vector<RestoredPartition> all = std::exchange(stale, {});
    if (is_waiting) return all;
    for (const Partition partition : std::exchange(partitions_, {})) {
      RestoredPartition restored;
      restored.epoch = epoch_;
      restored.partition = partition;
      restored.committed = kafka_.committed[partition];
      restored.went_back = from_begin.contains(partition);
      restored.start =
          restored.went_back ? Offset() : std::max(restored.committed, kafka_.begins[partition]);
      if (restored.start == restored.committed) restored.basis = kafka_.metadata[partition];
      restored.basis.partitions = kafka_.partitions;
      if (const auto oldest = OldestTime(partition, restored.start)) {
        restored.table.RaiseFloor(*oldest - kReach);
      }
      for (const OutgoingRecord& marker : kafka_.seen) {
        if (marker.partition != partition) continue;
        restored.Add(*common::ReadMarker(marker.key, marker.headers, *marker.timestamp),
                     common::WallTime::max());
      }
      all.push_back(std::move(restored));
    }
    return all;
  }
  [[nodiscard]] std::vector<LogBounds> TakeBounds() override {
    std::vector<LogBounds> all;
    for (const auto& [partition, log] : kafka_.callbacks) {
      if (!looks_up) break;
      all.push_back({.partition = partition,
                     .begin = kafka_.begins[partition],
                     .end = Offset(std::ssize(log))});
    }
    for (LogBounds& one : std::exchange(bounds, {})) all.push_back(std::move(one));
    return all;
  }
  [[nodiscard]] std::vector<StuckRestore> Stuck() override { return stuck; }
  [[nodiscard]] std::optional<ForgottenPlaces> Forgotten() override { return forgotten; }
  [[nodiscard]] std::vector<EndedTransaction> TakeEnded() override {
    return std::exchange(ended, {});
  }
  [[nodiscard]] Epoch epoch() const { return epoch_; }

  /// How far a restore reaches back from the first record to read: two days and the clock slack.
  static constexpr std::chrono::hours kReach{49};

  std::vector<std::vector<Partition>> asked;
  std::vector<Partition> running;  ///< Of the last order.
  std::set<Partition> from_begin;
  std::map<Partition, ReadPosition> watched;
  std::map<Partition, std::vector<common::OffsetWitness>> unchecked;
  TopicView topic{.unread = UnreadPartitions()};
  std::vector<RestoredPartition> stale;
  std::vector<LogBounds> bounds;
  bool looks_up = false;  ///< Each log, whenever it is asked.
  std::vector<StuckRestore> stuck;
  std::optional<ForgottenPlaces> forgotten = ForgottenPlaces();
  std::vector<EndedTransaction> ended;
  bool is_waiting = false;

 private:
  [[nodiscard]] std::optional<common::WallTime> OldestTime(Partition partition, Offset start) {
    const auto& log = kafka_.callbacks[partition];
    if (log.empty()) return std::nullopt;
    return log[std::min(IndexOf(start), log.size() - 1)].time;
  }

  FakeKafka& kafka_;
  std::vector<Partition> partitions_;
  Epoch epoch_ = 0;
};

}  // namespace consumer
