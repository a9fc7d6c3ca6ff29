#include "ops/ctl/status/status_verdict.h"

#include <algorithm>
#include <set>

#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_report.h"

namespace ctl {
namespace {

using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kWell = 0;
constexpr int kNotAsked = 1;
constexpr int kNotWell = 3;

std::string Plural(std::int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Not "callbacks partition 3", where "callbacks" would read as the topic's name.
std::string Of(const PartitionFacts& partition) {
  return "partition " + ToText(partition.partition);
}

/// Judges the facts part by part.
class Judgement {
 public:
  explicit Judgement(const StatusFacts& facts) : facts_(facts), now_(facts.Now()) {}

  StatusVerdict Pass() {
    if (facts_.kafka) {
      const KafkaFacts& kafka = *facts_.kafka;
      verdict_.unknown = kafka.unknown;
      JudgeGroup(kafka);
      for (const PartitionFacts& partition : kafka.partitions) JudgeOffset(partition);
      JudgePartitionCount(kafka);
      JudgeWaiting(kafka);
      if (kafka.transactions) JudgeTransactions(*kafka.transactions);
      if (kafka.topics) JudgeTopics(*kafka.topics);
      if (kafka.dead) JudgeDead(*kafka.dead);
    } else {
      verdict_.troubles.push_back("Kafka: " + facts_.kafka_error);
    }
    for (const InstanceFacts& instance : facts_.instances) JudgeInstance(instance, verdict_);
    JudgeClock();
    return std::move(verdict_);
  }

 private:
  void Trouble(std::string what) { verdict_.troubles.push_back(std::move(what)); }
  void Remark(std::string what) { verdict_.remarks.push_back(std::move(what)); }

  void JudgeGroup(const KafkaFacts& kafka) {
    if (!kafka.group) return;
    const std::string& name = facts_.group;
    if (kafka.group->members.empty()) {
      return Trouble("no consumer is in the group " + name + ": nobody handles callbacks");
    }
    if (kafka.group->state != "Stable") {
      return Trouble("the group " + name + " is not stable: " + kafka.group->state);
    }
    if (const auto unheld = UnassignedPartitions(kafka); !unheld.empty()) {
      Trouble("nobody reads partition " + RenderPartitions(unheld));
    }
  }

  void JudgeOffset(const PartitionFacts& partition) {
    if (partition.is_another_log) {
      Trouble(Of(partition) +
              ": the log is not the one that the group has read: callbacks may be "
              "skipped");
    } else if (partition.HasGoneBack()) {
      Trouble(Of(partition) + ": the log went back: it ends at offset " + ToText(partition.end) +
              ", the group stands at " + ToText(*partition.committed));
    }
    if (const std::int64_t expired = partition.ExpiredUnread(); expired > 0) {
      Trouble(Of(partition) + ": offsets " + ToText(*partition.committed) + " to " +
              ToText(partition.begin - 1) + " have expired unread");
    }
    if (partition.pending_for > milliseconds(0)) {
      const std::string text = Of(partition) +
                               ": an open transaction has held back the group's offset for at "
                               "least " +
                               RenderAge(partition.pending_for);
      partition.pending_for >= threshold::kTransactionLife ? Trouble(text) : Remark(text);
    }
  }

  void JudgePartitionCount(const KafkaFacts& kafka) {
    std::set<int> others;
    for (const PartitionFacts& partition : kafka.partitions) {
      const auto count = partition.rests_on.partitions;
      if (count && *count != static_cast<int>(kafka.partitions.size())) others.insert(*count);
    }
    for (const int count : others) {
      Trouble("the group's offsets rest on " + Plural(count, "partition") +
              " of callbacks, which has " + std::to_string(kafka.partitions.size()) +
              ": redeliveries cannot be told from first deliveries");
    }
  }

  // If a partition advances, its waiting callbacks are those whose fetches do not succeed yet.
  void JudgeWaiting(const KafkaFacts& kafka) {
    std::vector<const PartitionFacts*> standing;
    std::vector<const PartitionFacts*> going_on;
    std::vector<common::Partition> unread;
    for (const PartitionFacts& partition : kafka.partitions) {
      if (partition.lag > 0 && !partition.oldest) unread.push_back(partition.partition);
      if (!partition.oldest || now_ - *partition.oldest < threshold::kLongWait) continue;
      const bool goes_on = partition.last_result &&
                           now_ - *partition.last_result < threshold::kLongWait &&
                           now_ - *partition.oldest < threshold::kVeryLongWait;
      (goes_on ? going_on : standing).push_back(&partition);
    }
    if (!standing.empty()) Trouble(WaitingText(standing));
    if (!going_on.empty()) Remark(WaitingText(going_on) + ", while others get their results");
    if (!unread.empty()) {
      verdict_.unknown.push_back("the waiting time of callbacks in partition " +
                                 RenderPartitions(unread) + ": they cannot be read");
    }
  }
  [[nodiscard]] std::string WaitingText(
      const std::vector<const PartitionFacts*>& partitions) const {
    std::int64_t lag = 0;
    const PartitionFacts* longest = partitions.front();
    for (const PartitionFacts* partition : partitions) {
      lag += partition->lag;
      if (*partition->oldest < *longest->oldest) longest = partition;
    }
    return Plural(lag, "callback") + (lag == 1 ? " waits" : " wait") + ", the oldest for " +
           RenderAge(now_ - *longest->oldest) + " in " + Of(*longest);
  }

  void JudgeTransactions(const std::vector<OpenTransaction>& transactions) {
    for (const OpenTransaction& open : transactions) {
      const milliseconds age = open.AgeAt(now_);
      std::string text = "a transaction is open on " + open.topic + ":" + ToText(open.partition) +
                         " from offset " + ToText(open.offset) + " on, ";
      text += open.since ? "since " + common::FormatRfc3339(*open.since)
                         : "for at least " + RenderAge(age);
      if (!open.instance.empty()) {
        text += ", of " + open.instance;
        if (!open.transaction.empty()) text += ", its " + open.transaction;
      }
      if (open.is_of_announcements && age >= threshold::kAnnouncementsUnread) {
        Trouble(text + ": consumer reads no later announcements until its program ends it");
      } else if (!open.is_of_announcements && age >= threshold::kTransactionLife) {
        Trouble(text + ": it does not end by itself, and all later records wait");
      } else if (age >= seconds(1)) {
        Remark(std::move(text));
      }
    }
  }

  void JudgeTopics(const std::vector<common::kafka::TopicFinding>& findings) {
    int warnings = 0;
    for (const auto& finding : findings) {
      if (finding.fault == common::kafka::TopicFault::kNoPermission) {
        verdict_.unknown.push_back(finding.text);
      } else if (IsRefused(finding.fault)) {
        Trouble(finding.text);
      } else {
        ++warnings;
      }
    }
    if (warnings > 0) Remark("`sluicectl topics check` has " + Plural(warnings, "warning"));
  }

  void JudgeDead(const DeadFacts& dead) {
    const std::int64_t letters = dead.LastHour();
    if (letters == 0) return;
    bool are_many = false;
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : dead.last_hour) {
      reasons.push_back(std::to_string(count) + " " + reason);
      are_many = are_many || count >= threshold::kManyLetters;
    }
    const std::string text = Plural(letters, "dead letter") + " in the last hour: " + Join(reasons);
    are_many ? Trouble(text) : Remark(text);
  }

  void JudgeClock() {
    const auto behind = now_ - facts_.now;
    if (behind < threshold::kClockDifference) return;
    Remark("the clock of this machine is at least " + RenderAge(behind) +
           " behind those of the brokers");
  }

  const StatusFacts& facts_;
  WallTime now_;
  StatusVerdict verdict_;
};

}  // namespace

StatusVerdict Judge(const StatusFacts& facts) { return Judgement(facts).Pass(); }

int ExitStatusOf(const StatusFacts& facts, const StatusVerdict& verdict) {
  if (!facts.kafka) return kNotAsked;
  if (!verdict.troubles.empty()) return kNotWell;
  return verdict.unknown.empty() ? kWell : kNotAsked;
}

}  // namespace ctl
