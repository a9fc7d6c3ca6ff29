// The actions on a world.
#include <algorithm>
#include <set>
#include <utility>

#include "tests/simulation/ingest/world/world.h"

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// systemd and Kubernetes look at a process so often.
constexpr milliseconds kSupervision{200};

}  // namespace

void World::Undo(const Action& action, std::function<void()> undo) {
  runtime_.After(action.span, [this, undo = std::move(undo), peace = peace_] {
    if (peace != peace_) return;
    undo();
    for (Slot& each : slots_) NoteTroubles(each);
  });
}

void World::StartWhenEnded(Slot& slot, Span after) {
  const bool must_start = !slot.process->is_alive() || slot.process->is_stopping();
  if (!must_start) return;
  if (std::exchange(slot.must_start, true)) return;
  StartAgain(slot, after);
}

// A crashed process may still have fibers, but it holds nothing any more.
void World::StartAgain(Slot& slot, Span after) {
  runtime_.After(after, [this, &slot] {
    if (slot.process->is_alive()) return StartAgain(slot, kSupervision);
    slot.must_start = false;
    Start(slot);
  });
}

void World::Do(const Action& action) {
  trace_.Note(runtime_.now(), NameOf(action.kind), static_cast<std::int64_t>(action.target),
              action.number);
  switch (action.kind) {
    case Kind::kArrive:
      return senders_.SendNew(action.number, false);
    case Kind::kArriveOneShot:
      return senders_.SendNew(action.number, true);
    case Kind::kRedeliver:
      return senders_.SendAgain(action.number);
    default:
      break;
  }
  Slot& slot = slots_[action.target % slots_.size()];
  if (slot.process->is_alive()) DoToProcess(action, slot);
  DoToDisk(action, slot);
  DoToKafka(action);
  for (Slot& each : slots_) NoteTroubles(each);
}

void World::DoToProcess(const Action& action, Slot& slot) {
  Process& process = *slot.process;
  ClientFaults& client = process.client_faults();
  switch (action.kind) {
    case Kind::kCrash:
    case Kind::kPowerCut:
      process.Crash(action.kind == Kind::kCrash);
      return StartWhenEnded(slot, action.span);
    case Kind::kStop:
      if (process.is_frozen()) return;
      process.Stop();
      return StartWhenEnded(slot, action.span);
    case Kind::kFreeze:
      if (process.is_frozen()) return;
      process.Freeze();
      return Undo(action, [&process] {
        if (process.is_frozen()) process.Thaw();
      });
    case Kind::kClock:
      return process.SetClock(seconds(action.number));
    case Kind::kDeaf:
      slot.deaf_until = runtime_.now() + action.span;
      for (int broker = 0; broker < scenario_.brokers; ++broker) {
        cluster_.network().Deafen(process.host(), broker, slot.deaf_until);
      }
      return;
    case Kind::kReportsLate:
      client.reports_late_until = runtime_.now() + action.span;
      return;
    case Kind::kReportsLost:
      client.lose_report = 0.3;
      return Undo(action, [&client] { client.lose_report = 0; });
    case Kind::kFatal:
      if (!client.become_fatal) return;
      client.cannot_open_until = runtime_.now() + action.span;
      runtime_.Spawn(process.host(), client.become_fatal);
      process.troubles.kafka = runtime_.now();
      return;
    default:
      return;
  }
}

void World::DoToDisk(const Action& action, Slot& slot) {
  Disk& disk = *slot.disk;
  DiskFaults& faults = disk.faults;
  const auto set = [&](bool DiskFaults::*fault) {
    faults.*fault = true;
    Undo(action, [&faults, fault] { faults.*fault = false; });
  };
  switch (action.kind) {
    case Kind::kDiskFull:
      return set(&DiskFaults::is_full);
    case Kind::kDiskRefuses:
      return set(&DiskFaults::refuses_writes);
    case Kind::kDiskSync:
      return set(&DiskFaults::fails_syncs);
    case Kind::kCannotOpen:
      return set(&DiskFaults::cannot_open);
    case Kind::kBusy:
      return set(&DiskFaults::is_busy);
    case Kind::kDiskHangs:
      faults.hangs_until = runtime_.now() + action.span;
      return;
    case Kind::kDiskSlow:
      faults.slowness = milliseconds(800);
      return Undo(action, [&faults] { faults.slowness = Span(0); });
    case Kind::kFileMoved:
      slot.process->troubles.disk = runtime_.now();
      return disk.MoveAway();
    case Kind::kLogMoved:
      slot.process->troubles.disk = runtime_.now();
      return disk.MoveLogAway();
    case Kind::kRetryRefused:
      for (ingest::RefusedCallback& refused : disk.refused) refused.is_to_be_retried = true;
      return;
    default:
      return;
  }
}

void World::DoToKafka(const Action& action) {
  Network& network = cluster_.network();
  const auto broker =
      static_cast<int>(action.target % static_cast<std::uint64_t>(scenario_.brokers));
  const auto partition =
      static_cast<int>(action.target % static_cast<std::uint64_t>(scenario_.partitions));
  switch (action.kind) {
    case Kind::kKafkaAway:
      for (int each = 0; each < scenario_.brokers; ++each) network.Freeze(each);
      return Undo(action, [this, &network] {
        for (int each = 0; each < scenario_.brokers; ++each) network.Thaw(each);
      });
    case Kind::kBrokerCrash:
      if (!network.IsUp(broker)) return;
      cluster_.CrashBroker(broker);
      return Undo(action, [this, broker] { cluster_.RestartBroker(broker); });
    case Kind::kBrokerFreeze:
      network.Freeze(broker);
      return Undo(action, [&network, broker] { network.Thaw(broker); });
    case Kind::kLeaderGone:
      return cluster_.LoseLeader({Topic::kCallbacks, partition}, action.span);
    case Kind::kShort:
      short_of_replicas_ = 1;
      cluster_.SetShortOfReplicas({partition});
      return Undo(action, [this] {
        short_of_replicas_ = 0;
        cluster_.SetShortOfReplicas({});
      });
    case Kind::kNetwork:
      network.faults = {.lose_request = 0.05, .lose_answer = 0.1, .late_request = 0.1, .slow = 0.1};
      return Undo(action, [&network] { network.faults = {}; });
    case Kind::kRetryRefused:
      cluster_.SetMaxCallbackBytes(0);
      return;
    default:
      return;
  }
}

}  // namespace simulation::intake
