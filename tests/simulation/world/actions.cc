// The actions on a world.
#include <algorithm>

#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

using std::chrono::seconds;

}  // namespace

void World::StartAgain(std::size_t slot, Span after) {
  slots_[slot] = nullptr;
  runtime_.After(after, [this, slot, peace = peace_] {
    if (slots_[slot] == nullptr && peace == peace_ && !raise_.is_on) Start(slot);
  });
}

void World::Do(const Action& action) {
  trace_.Note(runtime_.now(), NameOf(action.kind), static_cast<std::int64_t>(action.target),
              static_cast<std::int64_t>(action.aim));
  if (action.aim != Aim::kNone) return armed_.push_back(action);
  if (IsTraffic(action.kind)) return Arrive(action);
  const auto slot = static_cast<std::size_t>(action.target) % slots_.size();
  auto places = cluster_.DataPlaces();
  places.push_back(kGroupCoordinator);
  places.push_back(kTransactionCoordinator);
  const auto brokers = static_cast<std::uint64_t>(scenario_.brokers);
  const auto partitions = static_cast<std::uint64_t>(scenario_.partitions);
  Do(action, {.instance = slots_[slot],
              .broker = static_cast<int>(action.target % brokers),
              .place = places[action.target % places.size()],
              .partition = static_cast<int>(action.target % partitions)});
}

void World::Do(const Action& action, const Target& target) {
  DoToInstance(action, target.instance);
  DoToBroker(action, target);
  DoToAll(action);
  DoToLog(action, target.partition);
}

void World::Undo(const Action& action, std::function<void()> undo) {
  runtime_.After(action.span, [this, undo = std::move(undo), peace = peace_] {
    if (peace == peace_) undo();
  });
}

void World::DoToInstance(const Action& action, Instance* instance) {
  if (action.kind == Kind::kScale) {
    // Partitions go to members in the order of their names.
    const std::string name = (action.target % 2 == 0 ? "a" : "x") + std::to_string(++scaled_);
    return StartFor(action.span, name);
  }
  if (instance == nullptr || !instance->is_alive()) return;
  const auto slot = std::ranges::find(slots_, instance);
  const auto start_again = [&](Span after) {
    if (slot != slots_.end()) StartAgain(static_cast<std::size_t>(slot - slots_.begin()), after);
  };
  switch (action.kind) {
    case Kind::kCrash:
      instance->Crash();
      return start_again(action.span);
    case Kind::kStop:
      if (instance->is_frozen()) return;
      instance->Stop();
      return start_again(action.span + seconds(4));
    case Kind::kFreeze:
      if (instance->is_frozen()) return;
      instance->Freeze();
      return Undo(action, [instance] {
        if (instance->is_frozen()) instance->Thaw();
      });
    case Kind::kTwin:
      return StartFor(action.span, instance->name());
    case Kind::kEvict:
      for (const std::string& member : instance->members()) cluster_.Evict(member);
      return;
    case Kind::kDeaf: {
      const Place to = action.number % 4 == 0 ? kTransactionCoordinator : kGroupCoordinator;
      const int broker = cluster_.network().LeaderOf(to);
      cluster_.network().Deafen(instance->host(), broker, runtime_.now() + action.span);
      return;
    }
    case Kind::kStall:
      for (const auto& other : all_) {
        if (other.get() != instance) other->Stall(action.span);
      }
      return;
    case Kind::kClock:
      return instance->SetClock(seconds(action.number));
    default:
      return;
  }
}

void World::StartFor(Span span, const std::string& name) {
  all_.push_back(std::make_unique<Instance>(runtime_, api_, providers_, log_, judge_, ++last_host_,
                                            name, scenario_.lanes, random_.Next(),
                                            scenario_.has_announcements));
  Instance* const started = all_.back().get();
  started->Start();
  runtime_.After(span, [started] {
    if (started->is_alive()) started->Crash();
  });
}

void World::DoToBroker(const Action& action, const Target& target) {
  const int broker = target.broker;
  switch (action.kind) {
    case Kind::kBrokerClock:
      return cluster_.SetClock(broker, std::chrono::minutes(action.number));
    case Kind::kBrokerCrash:
      if (!cluster_.network().IsUp(broker)) return;
      cluster_.CrashBroker(broker);
      return Undo(action, [this, broker] { cluster_.RestartBroker(broker); });
    case Kind::kBrokerFreeze:
      cluster_.FreezeBroker(broker);
      return Undo(action, [this, broker] { cluster_.ThawBroker(broker); });
    case Kind::kLeaderGone:
      return cluster_.LoseLeader(target.place, action.span);
    case Kind::kMarkersLost:
      cluster_.marker_faults().forget = 0.5;
      cluster_.CrashBroker(broker);
      return Undo(action, [this, broker] {
        cluster_.RestartBroker(broker);
        cluster_.marker_faults().forget = 0;
      });
    default:
      return;
  }
}

void World::DoToAll(const Action& action) {
  switch (action.kind) {
    case Kind::kRaise:
      return BeginRaise(action);
    case Kind::kNetwork:
      cluster_.network().faults = {
          .lose_request = 0.05, .lose_answer = 0.05, .late_request = 0.05, .slow = 0.05};
      return Undo(action, [this] { cluster_.network().faults = {}; });
    case Kind::kMarkersSlow:
      cluster_.marker_faults().slow = 0.4;
      return Undo(action, [this] { cluster_.marker_faults().slow = 0; });
    case Kind::kForget: {
      Forgetting forgetting{.is_commit = std::nullopt, .topics = {}, .is_even_only = false};
      const auto bits = static_cast<unsigned>(action.number);
      if ((bits & 1U) != 0) forgetting.topics.insert(Topic::kSeen);
      if ((bits & 2U) != 0) forgetting.topics.insert(Topic::kProcesses);
      if ((bits & 4U) != 0) forgetting.topics.insert(Topic::kOffsets);
      if ((bits & 8U) != 0) forgetting.topics.insert(Topic::kDead);
      forgetting.is_even_only = (bits & 16U) != 0;
      if ((bits & 32U) != 0) forgetting.is_commit = (bits & 64U) != 0;
      cluster_.marker_faults().next.push_back(std::move(forgetting));
      return;
    }
    case Kind::kApiDown:
      (action.number % 2 == 0 ? api_.faults.is_down : api_.faults.is_token_down) = true;
      return Undo(action, [this] { api_.faults.is_down = api_.faults.is_token_down = false; });
    case Kind::kApiBad:
      api_.faults.error = api_.faults.foreign = api_.faults.slow = 0.15;
      return Undo(action,
                  [this] { api_.faults.error = api_.faults.foreign = api_.faults.slow = 0; });
    default:
      return;
  }
}

void World::DoToLog(const Action& action, int partition) {
  const Place place{Topic::kCallbacks, partition};
  const PartitionLog& log = cluster_.log(place);
  switch (action.kind) {
    case Kind::kTruncate: {
      const Offset end = std::max(log.begin(), log.end() - action.number);
      judge_.Truncated(partition, end);
      return cluster_.Truncate(place, end);
    }
    case Kind::kTruncateExpected: {
      const Place expected{Topic::kExpected, partition};
      if (!scenario_.has_announcements) return;
      const PartitionLog& announced = cluster_.log(expected);
      const Offset end = std::max(announced.begin(), announced.end() - action.number);
      judge_.ExpectedTruncated(partition, end);
      return cluster_.Truncate(expected, end);
    }
    case Kind::kExpire: {
      const Offset begin = std::min(log.end(), log.begin() + action.number);
      judge_.Expired(partition, begin);
      return cluster_.ExpireCallbacks(partition, begin);
    }
    case Kind::kRecreate:
      for (int i = 0; i < cluster_.PartitionsOf(Topic::kCallbacks); ++i) judge_.Recreated(i);
      return cluster_.RecreateCallbacks();
    default:
      return;
  }
}

void World::EndFaults() {
  ++peace_;
  trace_.Note(runtime_.now(), "peace");
  armed_.clear();
  cluster_.network().faults = {};
  cluster_.network().ClearDeaf();
  cluster_.marker_faults() = {};
  api_.faults = {.slow_answers = api_.faults.slow_answers};
  for (int broker = 0; broker < scenario_.brokers; ++broker) {
    cluster_.RestartBroker(broker);
    cluster_.ThawBroker(broker);
  }
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != nullptr && slots_[slot]->is_frozen()) slots_[slot]->Thaw();
  }
  if (!raise_.is_on) StartAllSlots();
}

/// Restarts processes that have ended, as systemd does.
void World::Supervise() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != nullptr && slots_[slot]->has_ended()) StartAgain(slot, seconds(2));
  }
  runtime_.After(seconds(1), [this] { Supervise(); });
}

}  // namespace simulation
