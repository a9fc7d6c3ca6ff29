#include "tests/simulation/cluster/group.h"

#include <algorithm>
#include <utility>

namespace simulation {

Code Group::Check(const Member& member) const {
  const auto found = members_.find(member.instance);
  if (found == members_.end()) return Code::kUnknownMember;
  if (found->second.id != member.id) return Code::kFencedInstance;
  return Code::kNone;
}

void Group::KeepAlive(const std::string& instance) {
  const std::uint64_t session = ++members_.at(instance).session;
  runtime_.After(settings_.session, [this, instance, session] {
    const auto found = members_.find(instance);
    if (found == members_.end() || found->second.session != session) return;
    // One that waits for the others is alive.
    if (found->second.joining) return KeepAlive(instance);
    Remove(instance);
  });
}

void Group::Remove(const std::string& instance) {
  members_.erase(instance);
  if (members_.empty()) {
    state_ = State::kEmpty;
    ++generation_;
  } else if (state_ == State::kPreparing) {
    TryComplete(rebalance_, false);
  } else {
    Prepare();
  }
}

void Group::Evict(const std::string& instance) {
  const auto found = members_.find(instance);
  if (found == members_.end() || found->second.joining || found->second.syncing) return;
  Remove(instance);
}

bool Group::IsOwner(const Member& member, int partition) const {
  const auto found = members_.find(member.instance);
  if (found == members_.end() || found->second.id != member.id) return false;
  const auto& owned = found->second.partitions;
  return member.generation == generation_ && std::ranges::find(owned, partition) != owned.end();
}

void Group::Moved() {
  for (auto& [instance, member] : members_) KeepAlive(instance);
}

// A member that comes again without its id is taken for a restarted one: it gets a new id, and the
// old one is fenced. One that comes again with its id is told the generation that there is, unless
// it is the leader of a stable group.
void Group::Join(const Member& member, const Network::Respond<Joined>& respond) {
  const auto found = members_.find(member.instance);
  if (!member.id.empty()) {
    if (const Code code = Check(member); code != Code::kNone) return respond({code, -1, {}});
  }
  const bool is_new = found == members_.end();
  Static& one = members_[member.instance];
  if (member.id.empty()) {
    if (one.joining) one.joining({Code::kFencedInstance, -1, {}});
    if (one.syncing) one.syncing({Code::kFencedInstance, {}});
    one.joining = nullptr;
    one.syncing = nullptr;
    one.id = member.instance + "#" + std::to_string(++last_member_);
    KeepAlive(member.instance);
    if (!is_new && state_ == State::kStable) {
      return respond({Code::kNone, generation_, one.id});
    }
  }
  const bool stays =
      !is_new && !member.id.empty() &&
      (state_ == State::kCompleting || (state_ == State::kStable && member.instance != leader_));
  KeepAlive(member.instance);
  if (stays) return respond({Code::kNone, generation_, one.id});
  one.joining = respond;
  if (state_ != State::kPreparing) Prepare();
  TryComplete(rebalance_, false);
}

void Group::Prepare() {
  const bool was_empty = state_ == State::kEmpty;
  state_ = State::kPreparing;
  for (auto& [instance, member] : members_) {
    if (member.syncing) member.syncing({Code::kRebalanceInProgress, {}});
    member.syncing = nullptr;
  }
  const std::uint64_t rebalance = ++rebalance_;
  runtime_.After(was_empty ? settings_.first_delay : settings_.rebalance,
                 [this, rebalance] { TryComplete(rebalance, true); });
  if (was_empty) return;
  TryComplete(rebalance, false);
}

// Static members that have not joined again in time keep their place until their session ends.
void Group::TryComplete(std::uint64_t rebalance, bool is_over) {
  if (state_ != State::kPreparing || rebalance != rebalance_) return;
  const bool have_all = std::all_of(members_.begin(), members_.end(), [](const auto& one) {
    return static_cast<bool>(one.second.joining);
  });
  const bool is_first = generation_ == 0 && !is_over;
  if (is_first || (!have_all && !is_over)) return;
  const auto leader = std::find_if(members_.begin(), members_.end(), [](const auto& one) {
    return static_cast<bool>(one.second.joining);
  });
  if (leader == members_.end()) return;
  leader_ = leader->first;
  state_ = State::kCompleting;
  ++generation_;
  for (auto& [instance, member] : members_) {
    if (!member.joining) continue;
    std::exchange(member.joining, nullptr)({Code::kNone, generation_, member.id});
    KeepAlive(instance);
  }
}

void Group::Sync(const Member& member, const Network::Respond<Synced>& respond) {
  if (const Code code = Check(member); code != Code::kNone) return respond({code, {}});
  if (member.generation != generation_) return respond({Code::kIllegalGeneration, {}});
  switch (state_) {
    case State::kStable:
      return respond({Code::kNone, members_.at(member.instance).partitions});
    case State::kCompleting:
      members_.at(member.instance).syncing = respond;
      KeepAlive(member.instance);
      if (member.instance == leader_) Assign();
      return;
    case State::kPreparing:
      return respond({Code::kRebalanceInProgress, {}});
    case State::kEmpty:
      return respond({Code::kUnknownMember, {}});
  }
}

void Group::Assign() {
  state_ = State::kStable;
  const auto count = static_cast<int>(members_.size());
  int next = 0;
  int index = 0;
  for (auto& [instance, member] : members_) {
    const int share =
        settings_.partitions / count + (index++ < settings_.partitions % count ? 1 : 0);
    member.partitions.clear();
    for (int i = 0; i < share; ++i) member.partitions.push_back(next++);
    if (member.syncing) std::exchange(member.syncing, nullptr)({Code::kNone, member.partitions});
  }
}

Code Group::Heartbeat(const Member& member) {
  if (const Code code = Check(member); code != Code::kNone) return code;
  if (member.generation != generation_) return Code::kIllegalGeneration;
  KeepAlive(member.instance);
  return state_ == State::kPreparing ? Code::kRebalanceInProgress : Code::kNone;
}

Code Group::CommitOffsets(ProducerId producer, const Member& member, const OffsetMap& offsets) {
  const bool says_nothing = member.generation < 0 && member.id.empty() && member.instance.empty();
  if (!says_nothing) {
    if (const Code code = Check(member); code != Code::kNone) return code;
    if (member.generation != generation_) return Code::kIllegalGeneration;
    if (state_ == State::kCompleting) return Code::kRebalanceInProgress;
    KeepAlive(member.instance);
  }
  OffsetMap& pending = pending_[producer];
  for (const auto& [partition, committed] : offsets) pending[partition] = committed;
  return Code::kNone;
}

void Group::EndTransaction(ProducerId producer, bool is_commit) {
  const auto ended = pending_.extract(producer);
  if (ended.empty() || !is_commit) return;
  for (const auto& [partition, committed] : ended.mapped()) {
    offsets_[partition] = committed;
    watch_.OffsetCommitted(partition, committed);
  }
}

Code Group::CommitPlainOffsets(const OffsetMap& offsets) {
  if (!members_.empty()) return Code::kUnknownMember;
  for (const auto& [partition, committed] : offsets) {
    offsets_[partition] = committed;
    watch_.OffsetCommitted(partition, committed);
  }
  return Code::kNone;
}

void Group::SetPartitions(int partitions) {
  settings_.partitions = partitions;
  runtime_.After(settings_.refresh, [this] {
    if (state_ == State::kStable) Prepare();
  });
}

Group::Fetched Group::FetchOffsets(const std::vector<int>& partitions, bool must_be_stable) const {
  Fetched fetched;
  for (const int partition : partitions) {
    const bool is_pending = std::any_of(pending_.begin(), pending_.end(), [&](const auto& one) {
      return one.second.contains(partition);
    });
    if (must_be_stable && is_pending) return {Code::kUnstableOffset, {}};
    const auto found = offsets_.find(partition);
    fetched.offsets[partition] = found == offsets_.end() ? Committed() : found->second;
  }
  return fetched;
}

Group::Described Group::Describe() const {
  Described described{.code = Code::kNone, .is_stable = state_ == State::kStable, .members = {}};
  for (const auto& [instance, member] : members_) {
    described.members.push_back({instance, member.id, member.partitions});
  }
  return described;
}

}  // namespace simulation
