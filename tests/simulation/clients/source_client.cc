#include "tests/simulation/clients/source_client.h"

#include <utility>

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kSession{10};
constexpr seconds kMaxPoll{60};
constexpr seconds kJoinTimeout{65};
constexpr seconds kHeartbeat{1};
constexpr milliseconds kRetry{100};
constexpr milliseconds kLongPoll{100};
constexpr std::size_t kRecordsEach = 20;
constexpr std::size_t kMostQueued = 60;

/// From 2.1 on librdkafka asks a new leader where the epoch of its position ends.
bool WasCutBelow(const PartitionLog& log, std::optional<std::size_t> cuts, Offset position) {
  if (!Cluster::Current().settings().has_epochs || !cuts) return false;
  const std::optional<Offset> lowest = log.LowestCutSince(*cuts);
  return lowest && *lowest < position;
}

Cluster& Kafka() { return Cluster::Current(); }
Runtime& World() { return Kafka().runtime(); }

}  // namespace

void ModelSource::Client::Restart(int partition, Offset offset) {
  Flow& flow = flows[partition];
  flow.next = offset;
  flow.delivered = offset;
  flow.version = ++last_version;
  flow.told_end.reset();
  flow.cuts.reset();  // A position that was sought has no epoch.
  World().WakeAll(&fetch_key);
}

void ModelSource::Client::Ask(Rebalance rebalance) {
  asked = std::move(rebalance);
  wake_lane();
}

void ModelSource::Client::Lose() {
  is_lost = true;
  if (is_assigned) Ask({});
}

// max.poll.interval.ms: the library forgets its member id, too.
bool ModelSource::Client::HasStoppedPolling() {
  if (World().now() - polled_at <= kMaxPoll) return false;
  member.id.clear();
  return true;
}

void ModelSource::Client::AwaitServed() {
  while ((asked || is_serving) && !is_closed) {
    if (World().Block(&member_key, World().now() + kHeartbeat)) continue;
    if (HasStoppedPolling()) is_lost = true;
    if (is_lost) continue;
    const auto reply = Kafka().Heartbeat(member, kSession);
    if (reply.is_good() || reply.answer.code == Code::kRebalanceInProgress) {
      if (reply.is_answered()) heard_at = World().now();
    } else if (reply.is_answered() && reply.answer.code != Code::kNotLeader) {
      Refused(reply.answer.code);
      is_lost = true;
    }
    if (World().now() - heard_at > kSession) is_lost = true;
  }
}

bool ModelSource::Client::JoinOnce() {
  is_lost = false;
  join_watch->Sent();
  const auto joined = Kafka().Join({-1, member.id, member.instance}, kJoinTimeout);
  if (joined.delivery == Delivery::kNotSent) return false;
  join_watch->Ended(joined.is_answered(), World().now());
  if (!joined.is_answered()) {
    // The client does not know the member id that it may have been assigned.
    return false;
  }
  if (joined.answer.code == Code::kUnknownMember) member.id.clear();
  if (joined.answer.code == Code::kFencedInstance) is_fenced = true;
  if (joined.answer.code != Code::kNone) return false;
  member.id = joined.answer.member_id;
  member.generation = joined.answer.generation;
  const auto synced = Kafka().Sync(member, kJoinTimeout);
  if (synced.is_answered() && synced.answer.code == Code::kUnknownMember) member.id.clear();
  if (synced.is_answered() && synced.answer.code == Code::kFencedInstance) is_fenced = true;
  if (!synced.is_good()) return false;
  heard_at = World().now();
  Ask({true, synced.answer.partitions});
  return true;
}

bool ModelSource::Client::StaysMember() {
  World().Block(&member_key, World().now() + kHeartbeat);
  if (is_closed) return false;
  if (HasStoppedPolling()) {
    Lose();
    return false;
  }
  const auto reply = Kafka().Heartbeat(member, kSession);
  if (!reply.is_answered() || reply.answer.code == Code::kNotLeader) {
    if (World().now() - heard_at <= kSession) return true;
    Lose();
    return false;
  }
  switch (reply.answer.code) {
    case Code::kNone:
      heard_at = World().now();
      return true;
    case Code::kRebalanceInProgress:
      heard_at = World().now();
      Ask({});
      return false;
    default:
      Refused(reply.answer.code);
      Lose();
      return false;
  }
}

void ModelSource::Client::Refused(Code heartbeat) {
  if (heartbeat == Code::kIllegalGeneration) {
    member.generation = -1;
  } else if (heartbeat == Code::kUnknownMember) {
    member.id.clear();
  } else {
    is_fenced = true;
  }
}

void ModelSource::Client::RunMember(const std::shared_ptr<Client>& client) {
  Client& self = *client;
  while (!self.is_closed && !self.is_fenced) {
    if (!self.JoinOnce()) {
      World().Sleep(kRetry);
      continue;
    }
    self.AwaitServed();
    while (!self.is_closed && !self.is_lost && self.StaysMember()) {
    }
    if (self.is_lost && self.is_assigned && !self.asked) self.Ask({});
    self.AwaitServed();
  }
  if (self.is_fenced) self.wake_lane();
}

void ModelSource::Client::FetchFrom(int partition) {
  const Flow before = flows.at(partition);
  auto reply =
      Kafka().Fetch({Topic::kCallbacks, partition}, before.next, true, kRecordsEach, seconds(5));
  const auto found = flows.find(partition);
  if (!reply.is_good() || found == flows.end() || found->second.version != before.version) return;
  Flow& flow = found->second;
  const PartitionLog& log = Kafka().log({Topic::kCallbacks, partition});
  if (reply.answer.is_out || WasCutBelow(log, flow.cuts, before.next)) {
    return RefusePosition(partition, flow);
  }
  if (!reply.answer.entries.empty()) flow.cuts = reply.answer.cuts;
  for (Entry& entry : reply.answer.entries) {
    queue.push_back({.partition = partition, .version = flow.version, .entry = std::move(entry)});
  }
  flow.next = reply.answer.next;
  if (flow.next == reply.answer.bound && flow.told_end != flow.next) {
    flow.told_end = flow.next;
    queue.push_back(
        {.partition = partition, .version = flow.version, .entry = std::nullopt, .end = flow.next});
  }
  if (!queue.empty()) wake_lane();
}

void ModelSource::Client::RefusePosition(int partition, Flow& flow) {
  Kafka().trace().Note(World().now(), "refuses its position", partition, flow.next);
  flow.is_refused = true;
  queue.push_back({.partition = partition,
                   .version = flow.version,
                   .entry = std::nullopt,
                   .end = 0,
                   .is_refused = true});
  wake_lane();
}

void ModelSource::Client::RunFetcher(const std::shared_ptr<Client>& client) {
  Client& self = *client;
  while (!self.is_closed) {
    std::vector<int> flowing;
    for (const auto& [partition, flow] : self.flows) {
      if (flow.flows()) flowing.push_back(partition);
    }
    if (!flowing.empty() && self.queue.size() < kMostQueued) {
      for (const int partition : flowing) {
        const auto flow = self.flows.find(partition);
        if (flow != self.flows.end() && flow->second.flows()) self.FetchFrom(partition);
      }
    }
    World().Block(&self.fetch_key, World().now() + kLongPoll);
  }
}

}  // namespace simulation
