#include "tests/component/ingest/load/blocked_ingest.h"

#include <prometheus/text_serializer.h>

#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::seconds;

std::unique_ptr<CredentialStore> Secrets(const common::ProviderTable& providers) {
  std::vector<Credentials> credentials(providers.rows().size());
  for (const char* provider : {"onfido", "eid", "readid", "paper"}) {
    credentials[providers.Resolve(provider)].accepted = {std::string(provider) + "-secret"};
  }
  credentials[providers.Resolve("connect")].open = true;
  return std::make_unique<CredentialStore>(std::vector<CredentialSource>(credentials.size()),
                                           credentials);
}

common::http::ServerOptions ServerOptionsOf(const BlockedIngest::Options& options) {
  common::http::ServerOptions server;
  server.threads = 2;
  server.max_body = options.max_body;
  server.body_timeout = options.body_timeout;
  server.answer_deadline = seconds(120);
  return server;
}

}  // namespace

Offered BlockedSink::Offer(CallbackNumber number, common::Envelope /*envelope*/) {
  state_.With([&](State& state) {
    state.waiting.push_back(number);
    ++state.offers;
  });
  return Offered::kTaken;
}

void BlockedSink::ReleaseAll(StorageListener& listener) {
  const auto waiting = state_.With([](State& state) { return std::exchange(state.waiting, {}); });
  std::vector<StorageReport> reports;
  for (const CallbackNumber number : waiting) {
    reports.push_back({.number = number, .outcome = StorageOutcome::kStored});
  }
  listener.OnReports(reports);
}

std::size_t BlockedSink::offers() const {
  return state_.With([](const State& state) { return state.offers; });
}

BlockedIngest::BlockedIngest(const Options& options)
    : log_("ingest",
           [this](std::string_view line) {
             lines_.With([&](std::string& lines) { lines += line; });
           }),
      events_(providers_, registry_, log_),
      credentials_(Secrets(providers_)),
      responses_(providers_),
      acceptance_({.bounds = options.bounds, .ack_deadline = options.ack_deadline}, sink_,
                  responses_, ids_, events_),
      ticker_(acceptance_),
      endpoint_("/callbacks", providers_, *credentials_, acceptance_, events_) {
  auto server = common::http::Server::Start(ServerOptionsOf(options), endpoint_);
  if (!server) throw std::runtime_error(server.error().detail);
  server_ = *std::move(server);
  responses_.Attach(*server_);
}

std::string BlockedIngest::Log() const {
  return lines_.With([](const std::string& lines) { return lines; });
}

std::string BlockedIngest::Metrics() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

void BlockedIngest::StoreAll() {
  (void)tests::WaitUntil(
      [&] {
        sink_.ReleaseAll(acceptance_);
        return acceptance_.load().requests == 0;
      },
      seconds(10), std::chrono::milliseconds(1));
}

bool BlockedIngest::WaitUntilInFlight(std::size_t requests) const {
  return tests::WaitUntil([&] { return acceptance_.load().requests == requests; }, seconds(10),
                          std::chrono::milliseconds(1));
}

}  // namespace ingest
