#include "tests/simulation/clients/model_source.h"

#include <utility>

#include "common/kafka/classify_error.h"
#include "consumer/kafka/fenced_member.h"
#include "tests/simulation/clients/membership.h"
#include "tests/simulation/clients/positions.h"
#include "tests/simulation/clients/source_client.h"

namespace simulation {

using consumer::ArrivedRecord;
using consumer::SourceListener;

ModelSource::ModelSource(Host& host, std::string instance, std::function<void()> wake)
    : host_(host), instance_(std::move(instance)), wake_(std::move(wake)) {
  Join();
}

ModelSource::~ModelSource() { Leave(); }

void ModelSource::Join() {
  std::string name = instance_;
  if (fresh_names_ > 0) name += "." + std::to_string(fresh_names_);
  client_ = std::make_shared<Client>(Member{.generation = -1, .id = {}, .instance = name},
                                     join_watch_, wake_);
  Runtime& world = Cluster::Current().runtime();
  client_->polled_at = world.now();
  world.Spawn(host_, [client = client_] { Client::RunMember(client); });
  world.Spawn(host_, [client = client_] { Client::RunFetcher(client); });
}

// A static member says no good-bye.
void ModelSource::Leave() {
  if (!client_) return;
  client_->is_closed = true;
  client_->wake_lane = [] {};
  Runtime& world = Cluster::Current().runtime();
  world.WakeAll(&client_->member_key);
  world.WakeAll(&client_->fetch_key);
  client_.reset();
}

void ModelSource::Serve(SourceListener& listener) {
  const auto rebalance = *std::exchange(client_->asked, std::nullopt);
  const auto client = client_;
  client->is_serving = true;
  if (rebalance.is_assignment) {
    client->flows.clear();
    client->queue.clear();
    for (const int partition : rebalance.partitions) client->Restart(partition, 0);
    client->is_assigned = true;
    assigned_id_ = client->member.id;
    listener.Assigned(PartitionsOf(rebalance.partitions));
  } else if (std::exchange(client->is_assigned, false)) {
    listener.Revoked(client->is_lost);
    client->flows.clear();
    client->queue.clear();
  }
  client->is_serving = false;
  Cluster::Current().runtime().WakeAll(&client->member_key);
}

bool ModelSource::Poll(SourceListener& listener, int max_records) {
  const auto client = client_;
  if (!client) return false;
  client->polled_at = Clock::now();
  if (client->asked) Serve(listener);
  bool is_wanted = true;
  while (!client->queue.empty() && max_records-- > 0 && is_wanted) {
    const Client::Arrived arrived = std::move(client->queue.front());
    client->queue.pop_front();
    const auto flow = client->flows.find(arrived.partition);
    if (flow == client->flows.end()) continue;
    // The client's error is of no version: seeking and pausing do not drop it.
    if (arrived.is_refused) {
      listener.PositionRefused(common::Partition(arrived.partition));
      continue;
    }
    if (flow->second.version != arrived.version) continue;
    if (!arrived.entry) {
      listener.AtEnd(common::Partition(arrived.partition), common::Offset(arrived.end));
      continue;
    }
    const Entry& entry = *arrived.entry;
    flow->second.delivered = entry.offset + 1;
    ArrivedRecord record{.partition = common::Partition(arrived.partition),
                         .offset = common::Offset(entry.offset),
                         .time = entry.time,
                         .key = entry.key,
                         .value = entry.value,
                         .headers = {}};
    for (const auto& header : entry.headers) record.headers.push_back({header.name, header.value});
    is_wanted = listener.Take(record);
    Cluster::Current().trace().Note(Clock::now(), is_wanted ? "took" : "took, enough",
                                    arrived.partition, entry.offset);
  }
  if (client->is_fenced && !failure_) {
    failure_ = common::Error{common::Remedy::kStop, common::kafka::code::kFenced, "fenced"};
    doubt_ = consumer::Judge(
        {.id = client->member.id,
         .assigned_id = assigned_id_,
         .may_come_late = join_watch_->TakeLateJoin(consumer::JoinWatch::Clock::now())});
  }
  return is_wanted && !client->queue.empty();
}

std::set<consumer::Partition> ModelSource::Seek(
    const std::map<consumer::Partition, consumer::Offset>& offsets) {
  std::set<consumer::Partition> sought;
  for (const auto& [partition, offset] : offsets) {
    if (!client_) continue;
    const auto flow = client_->flows.find(partition.number());
    if (flow == client_->flows.end() || flow->second.is_refused) continue;
    client_->Restart(partition.number(), offset.number());
    sought.insert(partition);
  }
  return sought;
}

void ModelSource::Pause(const std::vector<consumer::Partition>& partitions) {
  for (const int partition : NumbersOf(partitions)) {
    const auto flow = client_->flows.find(partition);
    if (flow == client_->flows.end()) continue;
    flow->second.is_paused = true;
    Cluster::Current().trace().Note(Clock::now(), "pauses", partition);
    client_->Restart(partition, flow->second.delivered);
  }
}

void ModelSource::Resume(const std::vector<consumer::Partition>& partitions) {
  for (const int partition : NumbersOf(partitions)) {
    const auto flow = client_->flows.find(partition);
    Cluster::Current().trace().Note(Clock::now(), "resumes", partition);
    if (flow != client_->flows.end()) flow->second.is_paused = false;
  }
  Cluster::Current().runtime().WakeAll(&client_->fetch_key);
}

// Any thread may stand still anywhere; here it matters.
std::optional<consumer::GroupMembership> ModelSource::Membership() const {
  const Span stall = std::exchange(host_.stall, Span());
  if (stall > Span(0)) Cluster::Current().runtime().Sleep(stall);
  if (!client_ || client_->is_lost) return std::nullopt;
  return MembershipOf(client_->member);
}

Member ModelSource::member() const { return client_ ? client_->member : Member(); }

void ModelSource::Renew(SourceListener& listener, MemberName name) {
  if (name == MemberName::kFresh) ++fresh_names_;
  if (std::exchange(client_->is_assigned, false)) listener.Revoked(client_->is_lost);
  Leave();
  failure_.reset();
  assigned_id_.clear();
  Join();
}

void ModelSource::Close(SourceListener& listener) {
  if (!client_) return;
  if (std::exchange(client_->is_assigned, false)) listener.Revoked(client_->is_lost);
  Leave();
}

}  // namespace simulation
