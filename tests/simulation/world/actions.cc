// What happens to a world.
#include <algorithm>

#include "common/domain/key_partition.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

void World::Arrive(const Action& action) {
  const int partitions = cluster_.PartitionsOf(Topic::kCallbacks);
  for (int i = 0; i < action.number; ++i) {
    Entry entry;
    int partition = 0;
    if (action.kind == Kind::kRedeliver && !written_.empty()) {
      const auto& [earlier, offset] = written_[random_.Below(written_.size())];
      entry = cluster_.log({Topic::kCallbacks, earlier}).At(offset);
      partition = earlier;
    } else {
      const std::string process = "p" + std::to_string(++last_process_);
      entry.key = process;
      entry.value = R"({"dossierId":"d)";
      entry.value.append(process).append(R"(","processId":")").append(process);
      entry.value += R"(","status":"accepted"})";
      entry.headers = {{"provider", "onfido"}};
      partition = common::PartitionOf(process, partitions);
    }
    entry.time = std::chrono::floor<milliseconds>(runtime_.WallOf(nullptr));
    const Place place{Topic::kCallbacks, partition};
    const Offset offset = cluster_.log(place).end();
    judge_.Arrived(partition, offset, entry.key);
    written_.emplace_back(partition, offset);
    cluster_.AppendCallback(partition, std::move(entry));
  }
}

void World::StartAgain(std::size_t slot, Span after) {
  slots_[slot] = nullptr;
  runtime_.After(after, [this, slot, peace = peace_] {
    if (slots_[slot] == nullptr && peace == peace_) Start(slot);
  });
}

void World::Do(const Action& action) {
  trace_.Note(runtime_.now(), "action", static_cast<int>(action.kind),
              static_cast<std::int64_t>(action.target));
  const auto slot = static_cast<std::size_t>(action.target) % slots_.size();
  const auto broker =
      static_cast<int>(action.target % static_cast<std::uint64_t>(scenario_.brokers));
  const auto until = [&](auto undo) {
    runtime_.After(action.span, [this, undo, peace = peace_] {
      if (peace == peace_) undo();
    });
  };
  Instance* const instance = slots_[slot];
  const bool is_there = instance != nullptr && instance->is_alive();
  switch (action.kind) {
    case Kind::kArrive:
    case Kind::kRedeliver:
      return Arrive(action);
    case Kind::kCrash:
      if (!is_there) return;
      instance->Crash();
      return StartAgain(slot, action.span);
    case Kind::kStop:
      if (!is_there || instance->is_frozen()) return;
      instance->Stop();
      return StartAgain(slot, action.span + seconds(4));
    case Kind::kFreeze:
      if (!is_there || instance->is_frozen()) return;
      instance->Freeze();
      return until([instance] {
        if (instance->is_frozen()) instance->Thaw();
      });
    case Kind::kTwin: {
      all_.push_back(std::make_unique<Instance>(runtime_, api_, providers_, log_, ++last_host_,
                                                "i" + std::to_string(slot), scenario_.lanes,
                                                random_.Next()));
      Instance* const twin = all_.back().get();
      twin->Start();
      runtime_.After(action.span, [twin] {
        if (twin->is_alive()) twin->Crash();
      });
      return;
    }
    case Kind::kClock:
      if (is_there) instance->SetClock(seconds(action.number));
      return;
    case Kind::kBrokerCrash:
      if (!cluster_.network().IsUp(broker)) return;
      cluster_.CrashBroker(broker);
      return until([this, broker] { cluster_.RestartBroker(broker); });
    case Kind::kBrokerFreeze:
      cluster_.FreezeBroker(broker);
      return until([this, broker] { cluster_.ThawBroker(broker); });
    case Kind::kLeaderGone: {
      auto places = cluster_.DataPlaces();
      places.push_back(kGroupCoordinator);
      places.push_back(kTransactionCoordinator);
      return cluster_.LoseLeader(places[action.target % places.size()]);
    }
    case Kind::kNetwork:
      cluster_.network().faults = {
          .lose_request = 0.05, .lose_answer = 0.05, .late_request = 0.05, .slow = 0.05};
      return until([this] { cluster_.network().faults = {}; });
    case Kind::kMarkersSlow:
      cluster_.marker_faults().slow = 0.4;
      return until([this] { cluster_.marker_faults().slow = 0; });
    case Kind::kMarkersLost:
      cluster_.marker_faults().forget = 0.5;
      cluster_.CrashBroker(broker);
      return until([this, broker] {
        cluster_.RestartBroker(broker);
        cluster_.marker_faults().forget = 0;
      });
    case Kind::kApiDown:
      (action.number % 2 == 0 ? api_.faults.is_down : api_.faults.is_token_down) = true;
      return until([this] { api_.faults.is_down = api_.faults.is_token_down = false; });
    case Kind::kApiBad:
      api_.faults.error = api_.faults.foreign = api_.faults.slow = 0.15;
      return until([this] { api_.faults.error = api_.faults.foreign = api_.faults.slow = 0; });
  }
}

void World::EndFaults() {
  ++peace_;
  trace_.Note(runtime_.now(), "peace");
  cluster_.network().faults = {};
  cluster_.marker_faults() = {};
  api_.faults = {};
  for (int broker = 0; broker < scenario_.brokers; ++broker) {
    cluster_.RestartBroker(broker);
    cluster_.ThawBroker(broker);
  }
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != nullptr && slots_[slot]->is_frozen()) slots_[slot]->Thaw();
    if (slots_[slot] == nullptr) Start(slot);
  }
}

/// As systemd does: what has ended is started again.
void World::Supervise() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != nullptr && slots_[slot]->has_ended()) StartAgain(slot, seconds(2));
  }
  runtime_.After(seconds(1), [this] { Supervise(); });
}

}  // namespace simulation
