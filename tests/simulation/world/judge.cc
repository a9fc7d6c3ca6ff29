#include "tests/simulation/world/judge.h"

#include <algorithm>
#include <cstdlib>

#include "common/domain/dead_letter.h"
#include "common/domain/record_headers.h"

namespace simulation {
namespace {

constexpr std::size_t kMostViolations = 20;

std::string TextOf(Place place) {
  static const std::map<Topic, std::string> names = {{Topic::kCallbacks, "callbacks"},
                                                     {Topic::kSeen, "callbacks.seen"},
                                                     {Topic::kProcesses, "processes"},
                                                     {Topic::kDead, "callbacks.dead"}};
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
  facts_.try_emplace(fact, Fact{.arrived_at = runtime_->now(), .written = {}});
}

Judge::Fact* Judge::FactOf(Place place, const Entry& entry, std::string& name) {
  std::pair<int, Offset> source;
  if (place.topic == Topic::kProcesses) {
    source = {static_cast<int>(NumberIn(entry.value, "partition")),
              NumberIn(entry.value, "offset")};
  } else {
    source = {static_cast<int>(NumberIn(entry.headers, common::header::kDeadPartition)),
              NumberIn(entry.headers, common::header::kDeadOffset)};
  }
  const auto found = callbacks_.find(source);
  if (found == callbacks_.end()) return nullptr;  // What ends a forgotten transaction; aborted.
  name = found->second;
  return &facts_.at(name);
}

void Judge::Written(Place place, const Entry& entry) {
  if (place.topic == Topic::kSeen) return;
  std::string name;
  if (Fact* const fact = FactOf(place, entry, name)) {
    fact->written.emplace_back(place, entry.offset);
  }
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
  if (!is_visible) return;
  if (place.topic == Topic::kSeen) {
    if (++markers_[entry.key] > 1) Blame("a second marker, " + where);
    return;
  }
  std::string name;
  Fact* const fact = FactOf(place, entry, name);
  if (fact == nullptr) return Blame("a record of no callback, " + where);
  ++(place.topic == Topic::kProcesses ? fact->results : fact->letters);
  if (fact->results + fact->letters > 1) {
    Blame("fact " + name + " has " + std::to_string(fact->results) + " results and " +
          std::to_string(fact->letters) + " dead letters, " + where);
  }
  const bool is_ours = entry.value.find("somebody") == std::string::npos;
  if (!is_ours) Blame("a result holds another person's document, " + where);
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
  const std::string copied =
      common::RedriveName(names.at(place.topic), {place.partition, entry.offset});
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

void Judge::OffsetCommitted(int partition, const Committed& committed) {
  Offset& before = committed_[partition];
  if (committed.offset < before) {
    Blame("the offset of partition " + std::to_string(partition) + " goes back from " +
          std::to_string(before) + " to " + std::to_string(committed.offset));
  }
  for (Offset at = before; at < committed.offset; ++at) {
    const auto found = callbacks_.find({partition, at});
    if (found == callbacks_.end() || IsDisposedOf(facts_.at(found->second))) continue;
    Blame("an offset passes callback " + std::to_string(partition) + "/" + std::to_string(at) +
          " of fact " + found->second + ", which is not disposed of");
  }
  before = committed.offset;
}

std::vector<std::string> Judge::Undisposed(Time before) const {
  std::vector<std::string> names;
  for (const auto& [name, fact] : facts_) {
    if (fact.arrived_at < before && fact.results + fact.letters == 0) names.push_back(name);
  }
  return names;
}

std::size_t Judge::disposed() const {
  return static_cast<std::size_t>(std::count_if(facts_.begin(), facts_.end(), [](const auto& one) {
    return one.second.results + one.second.letters > 0;
  }));
}

}  // namespace simulation
