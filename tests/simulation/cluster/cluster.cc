#include "tests/simulation/cluster/cluster.h"

#include <algorithm>
#include <utility>

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The shortest absence of a broker or a topic.
constexpr seconds kRestart{2};

Cluster* current = nullptr;

}  // namespace

Cluster::Cluster(Runtime& runtime, Random random, Trace& trace, ClusterWatch& watch,
                 Settings settings)
    : runtime_(runtime),
      random_(random),
      client_random_(random.Next()),
      trace_(trace),
      watch_(watch),
      settings_(settings),
      network_(runtime, Random(random_.Next()), trace, settings.brokers),
      transactions_(runtime, Random(random_.Next()), network_, trace, watch,
                    [this](Place place, Producer producer, bool is_commit) {
                      return WriteMarker(place, producer, is_commit);
                    }),
      group_(runtime, watch, {.partitions = settings.partitions}),
      clocks_(static_cast<std::size_t>(settings.brokers)) {
  current = this;
  int broker = 0;
  for (const Place place : DataPlaces()) {
    logs_[place] = {};
    network_.SetLeader(place, broker++ % settings.brokers);
  }
  network_.SetLeader(kGroupCoordinator, broker++ % settings.brokers);
  network_.SetLeader(kTransactionCoordinator, broker++ % settings.brokers);
  for (int each = 0; each < settings.brokers; ++each) {
    network_.SetLeader(PlaceOfBroker(each), each);
  }
  ExpireEverySecond();
}

Cluster::~Cluster() { current = nullptr; }

Cluster& Cluster::Current() { return *current; }

int Cluster::PartitionsOf(Topic topic) const {
  const auto grown = grown_.find(topic);
  if (grown != grown_.end()) return grown->second;
  return topic == Topic::kDead ? settings_.dead_partitions : settings_.partitions;
}

std::vector<Place> Cluster::DataPlaces() const {
  std::vector<Place> places;
  for (const Topic topic : {Topic::kCallbacks, Topic::kSeen, Topic::kProcesses, Topic::kDead}) {
    for (int partition = 0; partition < PartitionsOf(topic); ++partition) {
      places.push_back({topic, partition});
    }
  }
  if (!settings_.has_announcements) return places;
  for (int partition = 0; partition < PartitionsOf(Topic::kExpected); ++partition) {
    places.push_back({Topic::kExpected, partition});
  }
  return places;
}

void Cluster::ExpireEverySecond() {
  runtime_.After(seconds(1), [this] {
    transactions_.Expire();
    ExpireEverySecond();
  });
}

bool Cluster::WriteMarker(Place place, Producer producer, bool is_commit) {
  trace_.Note(runtime_.now(), is_commit ? "marker commit" : "marker abort",
              static_cast<int>(place.topic) * 100 + place.partition, producer.id);
  if (place == kGroupCoordinator) {
    group_.EndTransaction(producer.id, is_commit);
    return true;
  }
  PartitionLog& log = LogOf(place);
  const WallTime now = std::chrono::floor<milliseconds>(runtime_.WallOf(nullptr));
  for (const Offset offset : log.End(producer, is_commit, now)) watch_.Ended(place, log.At(offset));
  return true;
}

void Cluster::CrashBroker(int broker) {
  trace_.Note(runtime_.now(), "broker crashes", broker);
  network_.Crash(broker);
  std::vector<Place> led = DataPlaces();
  led.push_back(kGroupCoordinator);
  led.push_back(kTransactionCoordinator);
  for (const Place place : led) {
    if (network_.LeaderOf(place) != broker) continue;
    network_.SetLeader(place, -1);
    runtime_.After(random_.Between(milliseconds(50), seconds(4)), [this, place] { Elect(place); });
  }
}

void Cluster::RestartBroker(int broker) {
  if (network_.IsUp(broker)) return;
  trace_.Note(runtime_.now(), "broker restarts", broker);
  network_.Restart(broker);
}

void Cluster::LoseLeader(Place place, Span span) {
  network_.SetLeader(place, -1);
  runtime_.After(span, [this, place] { Elect(place); });
}

WallTime Cluster::WallOf(Place place) const {
  const int leader = network_.LeaderOf(place);
  const Span error = leader < 0 ? Span() : clocks_.at(static_cast<std::size_t>(leader));
  return std::chrono::floor<milliseconds>(runtime_.WallOf(nullptr) + error);
}

void Cluster::Append(Place place, Entry entry) {
  entry.time = WallOf(place);
  LogOf(place).Append(std::move(entry));
}

void Cluster::Truncate(Place place, Offset end) {
  trace_.Note(runtime_.now(), "truncated", static_cast<int>(place.topic) * 100 + place.partition,
              end);
  LogOf(place).Truncate(end);
  LoseLeader(place, random_.Between(kRestart, 3 * kRestart));
}

void Cluster::ExpireCallbacks(int partition, Offset begin) {
  trace_.Note(runtime_.now(), "callbacks expired", partition, begin);
  LogOf({Topic::kCallbacks, partition}).DeleteBefore(begin);
}

void Cluster::RecreateCallbacks() {
  trace_.Note(runtime_.now(), "callbacks made anew");
  for (int partition = 0; partition < PartitionsOf(Topic::kCallbacks); ++partition) {
    LogOf({Topic::kCallbacks, partition}).Recreate();
    LoseLeader({Topic::kCallbacks, partition}, kRestart);
  }
  group_.ForgetOffsets();
}

void Cluster::AddPlaces(Topic topic, int partitions) {
  trace_.Note(runtime_.now(), "more partitions", static_cast<int>(topic), partitions);
  for (int partition = PartitionsOf(topic); partition < partitions; ++partition) {
    logs_[{topic, partition}] = {};
    LoseLeader({topic, partition}, random_.Between(milliseconds(10), seconds(1)));
  }
  grown_[topic] = partitions;
  if (topic == Topic::kCallbacks) group_.SetPartitions(partitions);
}

void Cluster::Evict(const std::string& instance) {
  trace_.Note(runtime_.now(), "evicts " + instance);
  group_.Evict(instance);
}

void Cluster::Elect(Place place) {
  if (network_.LeaderOf(place) >= 0) return;
  const auto first = static_cast<int>(random_.Below(static_cast<std::uint64_t>(settings_.brokers)));
  for (int i = 0; i < settings_.brokers; ++i) {
    const int broker = (first + i) % settings_.brokers;
    if (!network_.IsUp(broker)) continue;
    network_.SetLeader(place, broker);
    if (place == kGroupCoordinator) group_.Moved();
    return;
  }
  runtime_.After(milliseconds(500), [this, place] { Elect(place); });
}

}  // namespace simulation
