#pragma once

#include <prometheus/registry.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "common/domain/provider_rules.h"
#include "common/http/server.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "ingest/credentials.h"
#include "ingest/events.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/server_responses.h"

namespace ingest {

/// Takes every callback and says nothing of it until it is told to.
class BlockedSink final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override;

  /// Reports everything that waits as stored.
  void ReleaseAll(StorageListener& listener);
  [[nodiscard]] std::size_t offers() const;

 private:
  struct State {
    std::vector<CallbackNumber> waiting;
    std::size_t offers = 0;
  };
  common::Guarded<State> state_;
};

/// ingest in this process, on a free port of the loopback, with a sink that a test holds back.
/// Secrets are "onfido-secret" and so on; connect is open.
class BlockedIngest {
 public:
  struct Options {
    LoadBounds bounds;
    std::size_t max_body = std::size_t{1024} * 1024;
    std::chrono::milliseconds ack_deadline{60'000};
    std::chrono::milliseconds body_timeout{60'000};
  };

  explicit BlockedIngest(const Options& options);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] common::http::Server& server() { return *server_; }
  [[nodiscard]] BlockedSink& sink() { return sink_; }
  [[nodiscard]] Acceptance& acceptance() { return acceptance_; }
  [[nodiscard]] std::string Log() const;
  [[nodiscard]] std::string Metrics() const;

  /// Reports as stored whatever is in flight, until nothing is.
  void StoreAll();

  /// Whether so many requests are in flight within some seconds; the sink may not have all yet.
  [[nodiscard]] bool WaitUntilInFlight(std::size_t requests) const;

 private:
  common::ProviderTable providers_;
  common::Guarded<std::string> lines_;
  common::Logger log_;
  prometheus::Registry registry_;
  Events events_;
  std::unique_ptr<CredentialStore> credentials_;
  BlockedSink sink_;
  RequestIds ids_{1, 1};
  ServerResponses responses_;
  Acceptance acceptance_;
  DeadlineTicker ticker_;
  CallbackEndpoint endpoint_;
  // Last: its threads use the members above.
  std::unique_ptr<common::http::Server> server_;
};

}  // namespace ingest
