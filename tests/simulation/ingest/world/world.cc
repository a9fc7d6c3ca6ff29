#include "tests/simulation/ingest/world/world.h"

#include <algorithm>
#include <utility>

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr milliseconds kLook{100};
constexpr seconds kLongestPeace{300};
constexpr seconds kShortestPeace{25};
constexpr minutes kLongestEnd{3};

Cluster::Settings ClusterOf(const Scenario& scenario) {
  return {.brokers = scenario.brokers,
          .partitions = scenario.partitions,
          .max_callback_bytes = static_cast<std::size_t>(scenario.max_callback_bytes)};
}

}  // namespace

World::World(const Scenario& scenario, bool keeps_trace)
    : World(scenario, std::make_unique<Site>(), nullptr) {
  if (keeps_trace) trace_.KeepText();
}

World::World(const Scenario& scenario, Site& site) : World(scenario, nullptr, &site) {}

World::World(const Scenario& scenario, std::unique_ptr<Site> own, Site* shared)
    : scenario_(scenario),
      own_(std::move(own)),
      site_(shared == nullptr ? *own_ : *shared),
      runtime_(site_.runtime),
      random_(scenario.seed),
      trace_(site_.trace),
      judge_(runtime_, trace_),
      log_("ingest", [](std::string_view /*line*/) {}),
      cluster_(MakeCluster()),
      slots_(static_cast<std::size_t>(scenario.instances)),
      senders_(runtime_, Random(random_.Next()), trace_, judge_,
               {.may_be_big = scenario.has_big_records, .are_for_consumers = own_ == nullptr},
               [this] { return Current(); }) {
  judge_.SetLimit(static_cast<std::size_t>(scenario.max_callback_bytes));
  for (Slot& slot : slots_) {
    slot.disk = std::make_unique<Disk>(runtime_, Random(random_.Next()), judge_);
    judge_.Sees(*slot.disk);
    Start(slot);
  }
  runtime_.After(kLook, [this] { Look(); });
}

World::~World() = default;

Cluster& World::MakeCluster() {
  if (own_ == nullptr) return *site_.cluster;
  return site_.cluster.emplace(runtime_, Random(random_.Next()), trace_, judge_,
                               ClusterOf(scenario_));
}

std::vector<Process*> World::Current() const {
  std::vector<Process*> current;
  for (const Slot& slot : slots_) {
    if (slot.process != nullptr && slot.process->is_alive()) current.push_back(slot.process);
  }
  return current;
}

void World::Start(Slot& slot) {
  all_.push_back(std::make_unique<Process>(
      Process::World{runtime_, judge_, log_}, *slot.disk, ++last_host_,
      Process::Settings{.has_spool = scenario_.has_spool,
                        .max_in_flight = scenario_.max_in_flight,
                        .max_batch_delay = milliseconds(scenario_.batch_ms),
                        .may_read_limit = scenario_.may_read_limit}));
  slot.process = all_.back().get();
  slot.process->Start();
}

void World::Look() {
  for (Slot& slot : slots_) {
    NoteTroubles(slot);
    judge_.Look(*slot.process);
  }
  runtime_.After(kLook, [this] { Look(); });
}

void World::NoteTroubles() {
  for (Slot& slot : slots_) NoteTroubles(slot);
}

void World::DoubtKafka() {
  for (Slot& slot : slots_) slot.process->troubles.kafka = runtime_.now();
}

void World::BreakUnread() {
  for (Process* const process : Current()) {
    if (process->door() != nullptr) process->door()->BreakUnread();
  }
}

bool World::IsKafkaWell() const {
  const NetworkFaults& faults = cluster_.network().faults;
  if (faults.lose_request > 0 || faults.slow > 0 || short_of_replicas_ > 0) return false;
  for (int broker = 0; broker < scenario_.brokers; ++broker) {
    if (!cluster_.network().IsUp(broker) || cluster_.network().IsFrozen(broker)) return false;
  }
  for (int partition = 0; partition < scenario_.partitions; ++partition) {
    if (cluster_.network().LeaderOf({Topic::kCallbacks, partition}) < 0) return false;
  }
  return true;
}

bool World::IsKafkaDead() const {
  for (int broker = 0; broker < scenario_.brokers; ++broker) {
    if (cluster_.network().IsUp(broker) && !cluster_.network().IsFrozen(broker)) return false;
  }
  return true;
}

void World::NoteTroubles(Slot& slot) {
  Process& process = *slot.process;
  const Time now = runtime_.now();
  Process::Troubles& troubles = process.troubles;
  const bool is_deaf = slot.deaf_until > now;
  const bool has_no_client = process.client_faults().cannot_open_until > now;
  if (!IsKafkaWell() || is_deaf || has_no_client || process.client_faults().lose_report > 0 ||
      process.client_faults().reports_late_until > now) {
    troubles.kafka = now;
  }
  std::size_t used = 0;
  for (const auto& file : slot.disk->LiveFiles()) {
    for (const auto& [sequence, row] : file->visible) used += row.callback.size;
  }
  const DiskFaults& faults = slot.disk->faults;
  if (faults.any(now) || used > kSpoolBytes / 2) troubles.disk = now;
  if (faults.is_full || used > kSpoolBytes / 2) troubles.full = now;
  if (!process.is_serving() || process.is_frozen()) {
    // A drain must lose nothing.
    if (!process.is_stopping() || process.is_frozen()) troubles.self = now;
  }
  const auto note_dead = [now](bool is_dead, Time& since) {
    since = is_dead ? std::min(since, now) : Time::max();
  };
  note_dead(IsKafkaDead() || is_deaf, troubles.kafka_dead_since);
  note_dead(has_no_client, troubles.client_dead_since);
  note_dead(!scenario_.has_spool || faults.is_full || faults.hangs_until > now,
            troubles.disk_dead_since);
  if (ingest::Instance* const instance = process.instance()) {
    const ingest::Load load = instance->acceptance().load();
    const ingest::LoadBounds bounds = process.config().load_bounds();
    if (2 * load.requests > bounds.max_requests || 2 * load.bytes > bounds.max_bytes) {
      troubles.load = now;
    }
  }
}

bool World::IsDone() const { return judge_.Missing().empty() && senders_.under_way() == 0; }

Outcome World::Run() {
  const Time begun = runtime_.now();
  Time end = begun + seconds(5);
  std::size_t faults = 0;
  for (const Action& action : scenario_.actions) {
    runtime_.At(begun + action.at, [this, action] { Do(action); });
    end = std::max(end, begun + action.at);
    faults += IsTraffic(action.kind) ? 0 : 1;
  }
  runtime_.RunUntil(end + seconds(1));
  EndFaults();
  const Time peace = runtime_.now();
  bool has_probed = false;
  while (runtime_.now() < peace + kLongestPeace) {
    runtime_.RunUntil(runtime_.now() + seconds(1));
    if (!has_probed && runtime_.now() > peace + kShortestPeace - seconds(5)) {
      has_probed = true;
      senders_.SendNew(8, false);
    }
    if (runtime_.now() > peace + kShortestPeace && IsDone()) break;
    if (!judge_.violations().empty()) break;
  }
  if (judge_.violations().empty()) judge_.JudgeEnd();
  std::size_t refused = 0;
  for (const Slot& slot : slots_) refused += slot.disk->refused.size();
  const Time over = runtime_.now();
  EndAll();
  return {.violations = judge_.violations(),
          .hash = trace_.hash(),
          .facts = senders_.facts(),
          .deliveries = senders_.deliveries(),
          .promised = judge_.promised(),
          .spooled = judge_.spooled(),
          .copies = judge_.copies(),
          .written = judge_.written(),
          .refused = refused,
          .faults = faults,
          .covered = std::chrono::duration_cast<seconds>(over - begun),
          .trace = trace_.lines()};
}

void World::EndFaults() {
  ++peace_;
  trace_.Note(runtime_.now(), "peace");
  Network& network = cluster_.network();
  network.faults = {};
  network.ClearDeaf();
  for (int broker = 0; broker < scenario_.brokers; ++broker) {
    cluster_.RestartBroker(broker);
    if (network.IsFrozen(broker)) network.Thaw(broker);
  }
  cluster_.SetShortOfReplicas({});
  short_of_replicas_ = 0;
  for (Slot& slot : slots_) {
    slot.disk->faults = {};
    slot.deaf_until = {};
    Process& process = *slot.process;
    process.client_faults().lose_report = 0;
    process.client_faults().reports_late_until = {};
    process.client_faults().cannot_open_until = {};
    if (process.is_frozen()) process.Thaw();
    StartWhenEnded(slot, Span(0));
  }
}

// Processes end in good order: what a drain leaves open shows here.
void World::EndAll() {
  StopAll();
  const Time enough = runtime_.now() + kLongestEnd;
  const auto have_ended = [this] { return runtime_.fibers() == 0; };
  while (!have_ended() && runtime_.now() < enough) runtime_.RunUntil(runtime_.now() + seconds(1));
  if (have_ended()) return;
  judge_.Blame("a process does not end");
  LeaveAll();
}

void World::StopAll() {
  for (Slot& slot : slots_) slot.process->Stop();
}

bool World::HaveAllEnded() const {
  return std::ranges::all_of(all_, [](const auto& process) { return process->has_ended(); });
}

void World::LeaveAll() {
  for (auto& process : all_) static_cast<void>(process.release());
}

Outcome RunScenario(const Scenario& scenario, bool keeps_trace) {
  World world(scenario, keeps_trace);
  return world.Run();
}

}  // namespace simulation::intake
