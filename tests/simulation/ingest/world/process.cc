#include "tests/simulation/ingest/world/process.h"

#include <prometheus/registry.h>

#include <memory>
#include <utility>

#include "ingest/events.h"
#include "ingest/instance/kafka_durability.h"
#include "ingest/instance/spooled_durability.h"

namespace simulation::intake {
namespace {

std::map<const Host*, Process*>& Processes() {
  static std::map<const Host*, Process*> processes;
  return processes;
}

ingest::Config ConfigOf(const Process::Settings& settings) {
  ingest::Config config;
  config.max_batch_delay = ingest::MaxDelay::Fixed(settings.max_batch_delay);
  config.max_body = kMaxBody;
  config.max_head = 1'024;
  config.max_in_flight = settings.max_in_flight;
  config.max_in_flight_bytes = static_cast<std::size_t>(settings.max_in_flight) * kMaxBody / 4;
  if (settings.has_spool) {
    config.spool = ingest::SpoolConfig{
        .path = "spool.db", .max_bytes = kSpoolBytes, .min_free_disk = kMinFreeDisk};
  }
  for (const common::ProviderRow& row : config.providers.rows()) {
    config.credential_sources.push_back({.provider = row.name, .values = {"secret"}});
    config.credentials.push_back({.accepted = {"secret"}});
  }
  return config;
}

}  // namespace

Process::Process(const World& world, Disk& disk, int host_id, const Settings& settings)
    : runtime_(world.runtime),
      judge_(world.judge),
      log_(world.log),
      disk_(disk),
      settings_(settings),
      config_(ConfigOf(settings)) {
  host_.id = host_id;
  Processes()[&host_] = this;
  const Time now = runtime_.now();
  troubles.kafka = troubles.disk = troubles.self = now;
}

Process::~Process() { Processes().erase(&host_); }

Process& Process::Of(const Host& host) { return *Processes().at(&host); }
Process& Process::Here() { return Of(*Runtime::Current()->host()); }

void Process::Start() {
  runtime_.Spawn(host_, [this] { Main(); });
}

void Process::Stop() {
  stop_.request_stop();
  runtime_.WakeAll(&stop_);
}

void Process::Crash(bool has_power) {
  if (host_.is_dead) return;
  host_.is_dead = true;
  disk_.ProcessEnded(host_, has_power);
  if (door_ != nullptr) door_->Break();
  if (host_.is_frozen) Thaw();
  Stop();
}

void Process::Signal(int event) {
  const auto found = watches_.find(event);
  if (found != watches_.end() && door_ != nullptr) found->second();
}

void Process::Main() {
  const auto registry = std::make_shared<prometheus::Registry>();
  ingest::Events events(config_.providers, *registry, log_);
  if (config_.spool) {
    ingest::SpooledDurability durability(config_, log_, events);
    Serve(durability, events);
  } else {
    ingest::KafkaDurability durability(config_, {.max_requests = 0, .max_bytes = 0}, log_, events);
    Serve(durability, events);
  }
  has_ended_ = true;
}

// As ingest::RunInstance(), without signals.
void Process::Serve(ingest::Durability& durability, ingest::Events& events) {
  const auto opened = ingest::Instance::Open(config_, durability, events);
  ingest::Instance& instance = **opened;
  instance_ = &instance;
  if (!instance.Start(nullptr)) judge_.Blame("it does not start");
  const bool can_run = instance.AwaitKafka(stop_.get_token());
  if (!can_run) judge_.Blame("the topics are refused");
  is_serving_ = true;
  while (!stop_.stop_requested()) runtime_.Block(&stop_, Time::max());
  is_serving_ = false;
  if (!host_.is_dead) {
    const auto drained = instance.Drain(config_.drain_delay, config_.answer_deadline);
    // Then the process exits without destructors. Here they run once the disk has let its thread
    // go.
    if (!drained.durability.has_ended) {
      Crash(true);
      runtime_.Sleep(std::chrono::milliseconds(200));
    }
  }
  if (host_.is_dead) static_cast<void>(instance.Abort());
  instance_ = nullptr;
}

}  // namespace simulation::intake
