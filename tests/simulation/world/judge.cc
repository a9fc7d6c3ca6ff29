#include "tests/simulation/world/judge.h"

#include <algorithm>
#include <cstdlib>

#include "common/domain/dead_letter.h"
#include "common/domain/reconciled.h"
#include "common/domain/record_headers.h"
#include "tests/simulation/clients/assure_api.h"
#include "tests/simulation/world/limits.h"

namespace simulation {
namespace {

constexpr std::size_t kMostViolations = 20;

std::string TextOf(Place place) {
  static const std::map<Topic, std::string> names = {{Topic::kCallbacks, "callbacks"},
                                                     {Topic::kSeen, "callbacks.seen"},
                                                     {Topic::kProcesses, "processes"},
                                                     {Topic::kDead, "callbacks.dead"},
                                                     {Topic::kExpected, "callbacks.expected"}};
  return names.at(place.topic) + "[" + std::to_string(place.partition) + "]";
}

/// The number behind `"name":` in a result.
std::int64_t NumberIn(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  return at == std::string::npos ? -1 : std::atoll(json.c_str() + at + name.size() + 3);
}

std::int64_t NumberIn(const common::RecordHeaders& headers, std::string_view name) {
  const auto text = common::LastHeader(headers, name);
  return text ? std::atoll(std::string(*text).c_str()) : -1;
}

bool IsReconciled(const Entry& entry) {
  return common::LastHeader(entry.headers, common::kReconciledHeader).has_value();
}

}  // namespace

void Judge::Blame(const std::string& what) {
  if (violations_.size() >= kMostViolations) return;
  const auto since = runtime_->now() - Time(std::chrono::hours(1'000));
  violations_.push_back(
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(since).count()) +
      " ms: " + what);
}

void Judge::Arrived(int partition, Offset offset, const std::string& fact) {
  callbacks_[{partition, offset}] = fact;
  Fact& one = facts_[fact];
  if (one.ever.empty()) one.arrived_at = runtime_->now();
  one.callbacks.emplace(partition, offset);
  one.ever.emplace(partition, offset);
  const auto announcing = announced_.find(fact);
  if (announcing == announced_.end()) return;
  const auto& first_at = announcing->second.first_at;
  const bool is_in_time = !first_at || runtime_->now() - *first_at < ExpectedOf().within;
  if (is_in_time) announcing->second.in_time.emplace(partition, offset);
}

// Returns nothing for the records that end a forgotten transaction: they have keys of their own,
// and are aborted.
Judge::Fact* Judge::FactOf(const Entry& entry) {
  const auto found = facts_.find(fact_of(entry));
  return found == facts_.end() ? nullptr : &found->second;
}

std::pair<int, Offset> Judge::SourceOf(Place place, const Entry& entry) {
  if (place.topic == Topic::kProcesses) {
    return {static_cast<int>(NumberIn(entry.value, "partition")), NumberIn(entry.value, "offset")};
  }
  return {static_cast<int>(NumberIn(entry.headers, common::header::kDeadPartition)),
          NumberIn(entry.headers, common::header::kDeadOffset)};
}

void Judge::Written(Place place, const Entry& entry) {
  if (place.topic != Topic::kProcesses && place.topic != Topic::kDead) return;
  if (Fact* const fact = FactOf(entry)) fact->written.emplace_back(place, entry.offset);
  if (IsReconciled(entry)) JudgeLook(entry);
}

bool Judge::IsDecided(const Entry& entry, bool is_commit) const {
  const auto found = decisions_.find(entry.transaction);
  return found != decisions_.end() && found->second == is_commit;
}

void Judge::Ended(Place place, const Entry& entry) {
  const std::string where = TextOf(place) + " at " + std::to_string(entry.offset);
  const bool is_visible = entry.fate == Fate::kCommitted;
  if (is_visible && IsDecided(entry, false))
    Blame("torn: an aborted record became visible, " + where);
  if (!is_visible && IsDecided(entry, true) && !HasCopy(place, entry) && !IsUndone(place, entry)) {
    Blame("torn: a committed record vanished, " + where);
  }
  const bool was_left = left_open_.erase({place, entry.offset}) > 0;
  if (!is_visible) return;
  if (was_left) Blame("stale: what an earlier owner had left open became visible, " + where);
  if (place.topic == Topic::kSeen) {
    if (++markers_[entry.key] > 1) Blame("a second marker, " + where);
    return;
  }
  Fact* const fact = FactOf(entry);
  const bool is_reconciled = IsReconciled(entry);
  if (is_reconciled) JudgeReconciled(entry, where);
  if (fact == nullptr || (!is_reconciled && !fact->ever.contains(SourceOf(place, entry)))) {
    return Blame("a record of no callback, " + where);
  }
  ++(place.topic == Topic::kProcesses ? fact->results : fact->letters);
  if (fact->results + fact->letters > 1) {
    Blame("fact " + entry.key + " has " + std::to_string(fact->results) + " results and " +
          std::to_string(fact->letters) + " dead letters, " + where);
  }
  if (place.topic == Topic::kDead) JudgeLetter(entry, where);
  if (common::LastHeader(entry.headers, common::header::kProvider) == kHookRow) {
    JudgeHook(place, entry, where);
  }
  const bool is_ours = entry.value.find("somebody") == std::string::npos;
  if (!is_ours) Blame("a result holds another person's document, " + where);
}

// A look at a process begins only after `callbacks` was read to an end that was looked up when it
// was due.
void Judge::JudgeLook(const Entry& entry) {
  const auto announcing = announced_.find(entry.key);
  if (announcing == announced_.end() || !clocks_are_right) return;
  for (const auto& callback : announcing->second.in_time) {
    if (!facts_.at(entry.key).callbacks.contains(callback)) continue;
    Blame("asked about " + entry.key + ", whose callback had come in time");
  }
}

void Judge::JudgeReconciled(const Entry& entry, const std::string& where) {
  const auto announcing = announced_.find(entry.key);
  if (announcing == announced_.end()) {
    return Blame("a result without callback of a process that was not announced, " + where);
  }
  announcing->second.is_reconciled = true;
  if (runtime_->now() < announcing->second.finished_at) {
    Blame("a result of " + entry.key + ", which is not finished, " + where);
  }
}

void Judge::JudgeHook(Place place, const Entry& entry, const std::string& where) {
  if (place.topic == Topic::kDead) {
    return Blame("a dead letter for an event that is not fetched, " + where);
  }
  const std::string event = R"("event":{"id":")" + entry.key + '"';
  if (entry.value.find(event) == std::string::npos) {
    Blame("a result without its event, " + where);
  }
}

// The others of a batch are no reason.
void Judge::JudgeLetter(const Entry& entry, const std::string& where) {
  const auto reason = common::LastHeader(entry.headers, common::header::kDeadReason);
  if (reason != common::ToText(common::DeadReason::kUnreadableResponse)) return;
  if (entry.key.back() == AssureApi::kBig) return;
  Blame("a dead letter for a document that the topic would accept, " + where);
}

bool Judge::IsUndone(Place place, const Entry& entry) const {
  if (place.topic == Topic::kDead) return false;
  for (const Topic topic : {Topic::kProcesses, Topic::kSeen}) {
    const PartitionLog& log = cluster_->log({topic, place.partition});
    for (Offset at = log.begin(); at < log.end(); ++at) {
      const Entry& other = log.At(at);
      if (other.transaction == entry.transaction && other.fate == Fate::kCommitted) return false;
    }
  }
  return true;
}

bool Judge::HasCopy(Place place, const Entry& entry) const {
  static const std::map<Topic, std::string> names = {{Topic::kSeen, "callbacks.seen"},
                                                     {Topic::kProcesses, "processes"},
                                                     {Topic::kDead, "callbacks.dead"}};
  const std::string copied = common::RedriveName(
      names.at(place.topic), {common::Partition(place.partition), common::Offset(entry.offset)});
  const PartitionLog& log = cluster_->log(place);
  for (Offset at = std::max(entry.offset, log.begin()); at < log.end(); ++at) {
    const Entry& other = log.At(at);
    const bool will_be_seen = other.fate == Fate::kCommitted || IsDecided(other, true);
    if (will_be_seen && common::LastHeader(other.headers, common::header::kRepaired) == copied) {
      return true;
    }
  }
  return false;
}

void Judge::Decided(std::uint64_t transaction, bool is_commit) {
  decisions_[transaction] = is_commit;
}

bool Judge::IsDisposedOf(const Fact& fact) const {
  return std::any_of(fact.written.begin(), fact.written.end(), [&](const auto& one) {
    const Entry& entry = cluster_->log(one.first).At(one.second);
    return entry.fate == Fate::kCommitted || (entry.fate == Fate::kOpen && IsDecided(entry, true));
  });
}

std::vector<std::string> Judge::Undisposed(Time before) const {
  std::vector<std::string> names;
  for (const auto& [name, fact] : facts_) {
    if (fact.arrived_at >= before || fact.is_lost()) continue;
    if (fact.results + fact.letters == 0) names.push_back(name);
  }
  return names;
}

std::vector<std::string> Judge::Unhandled(Time before) const {
  std::vector<std::string> names = Undisposed(before);
  std::erase_if(names, [&](const std::string& name) { return IsDisposedOf(facts_.at(name)); });
  return names;
}

std::size_t Judge::disposed() const {
  return static_cast<std::size_t>(std::count_if(facts_.begin(), facts_.end(), [](const auto& one) {
    return one.second.results + one.second.letters > 0;
  }));
}

}  // namespace simulation
