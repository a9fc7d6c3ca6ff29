#include "tests/component/ingest/load/blocked_ingest.h"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "common/runtime/shutdown.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::seconds;

Config ConfigOf(const BlockedIngest::Options& options) {
  Config config;
  config.listen = {.host = "127.0.0.1", .port = 0};
  config.admin = {.host = "127.0.0.1", .port = options.admin_port};
  config.max_body = options.max_body;
  config.body_timeout = options.body_timeout;
  config.ack_deadline = options.ack_deadline;
  config.answer_deadline = options.answer_deadline;
  config.drain_delay = options.drain_delay;
  config.max_in_flight = static_cast<int>(options.bounds.max_requests);
  config.max_in_flight_bytes = options.bounds.max_bytes;
  config.credential_sources.resize(config.providers.rows().size());
  config.credentials.resize(config.providers.rows().size());
  for (const char* provider : {"onfido", "eid", "readid", "paper"}) {
    config.credentials[config.providers.Resolve(provider)].accepted = {std::string(provider) +
                                                                       "-secret"};
  }
  config.credentials[config.providers.Resolve("connect")].open = true;
  return config;
}

template <typename Value>
Value Must(common::Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

}  // namespace

Offered BlockedDurability::Offer(CallbackNumber number, common::Envelope /*envelope*/) {
  holds_offers_.wait(true);
  state_.With([&](State& state) {
    state.waiting.push_back(number);
    ++state.offers;
  });
  return Offered::kTaken;
}

void BlockedDurability::ReleaseAll() {
  const auto waiting = state_.With([](State& state) { return std::exchange(state.waiting, {}); });
  std::vector<StorageReport> reports;
  for (const CallbackNumber number : waiting) {
    reports.push_back({.number = number, .outcome = StorageOutcome::kStored});
  }
  listener_->OnReports(reports);
}

std::size_t BlockedDurability::offers() const {
  return state_.With([](const State& state) { return state.offers; });
}

common::Result<void> BlockedDurability::Start(StorageListener& listener) {
  listener_ = &listener;
  return {};
}

bool BlockedDurability::AwaitFirstContact(common::Deadline /*deadline*/,
                                          const std::stop_token& /*stop*/) {
  if (faults_.is_stopped) ::kill(::getpid(), SIGTERM);
  return true;
}

Durability::Closing BlockedDurability::Close(common::Deadline /*deadline*/) {
  while (faults_.hangs_at_close) ::pause();
  return {.has_ended = !faults_.has_stuck_disk};
}

BlockedDurability::~BlockedDurability() {
  while (faults_.hangs_at_end) ::pause();
}

BlockedIngest::BlockedIngest(const Options& options)
    : config_(ConfigOf(options)),
      log_("ingest",
           [this](std::string_view line) {
             lines_.With([&](std::string& lines) { lines += line; });
           }),
      events_(config_.providers, *registry_, log_),
      instance_(Must(Instance::Open(config_, durability_, events_))) {
  if (const auto started = instance_->Start(registry_); !started) {
    throw std::runtime_error(started.error().detail);
  }
}

int BlockedIngest::Run(const Options& options) {
  const common::Logger log("ingest");
  common::Shutdown shutdown;
  const Config config = ConfigOf(options);
  const auto registry = std::make_shared<prometheus::Registry>();
  Events events(config.providers, *registry, log);
  BlockedDurability durability(options.faults);
  Extras extras;
  extras.end_traces = [&] {
    while (options.has_stuck_traces) ::pause();
  };
  return RunInstance(config, registry, durability, events, log, shutdown, extras);
}

std::string BlockedIngest::Log() const {
  return lines_.With([](const std::string& lines) { return lines; });
}

std::string BlockedIngest::Metrics() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

void BlockedIngest::StoreAll() {
  (void)tests::WaitUntil(
      [&] {
        durability_.ReleaseAll();
        return instance_->acceptance().load().requests == 0;
      },
      seconds(10), std::chrono::milliseconds(1));
}

bool BlockedIngest::WaitUntilInFlight(std::size_t requests) const {
  return tests::WaitUntil([&] { return instance_->acceptance().load().requests == requests; },
                          seconds(10), std::chrono::milliseconds(1));
}

}  // namespace ingest
