#pragma once

#include <prometheus/collectable.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "common/admin/admin_server.h"
#include "common/base/result.h"
#include "common/http/server.h"
#include "common/runtime/shutdown.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/config.h"
#include "ingest/credentials.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/server_responses.h"
#include "ingest/instance/durability.h"
#include "ingest/policy/readiness.h"

namespace ingest {

class Events;

/// ingest between its two ports and what makes callbacks durable.
///
///   Open ──► Start ──► AwaitKafka ──► (serves) ──► Drain
///             │ callbacks are answered from here on, by the rules for an absent Kafka until it
///             │ has been seen
///
/// Threads:  the owner's, but for readiness().
/// Lifetime: refers to the configuration, the durability and the events.
class Instance {
 public:
  /// Binds the port of callbacks. Clients are refused until Start().
  /// Errors: kStop if the address cannot be bound.
  static common::Result<std::unique_ptr<Instance>> Open(const Config& config,
                                                        Durability& durability, Events& events);
  /// Abort(), whose result it drops.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Starts what makes callbacks durable, then serves both ports.
  /// Errors: kStop, in the words of the part that cannot start.
  common::Result<void> Start(std::shared_ptr<const prometheus::Collectable> metrics);

  /// Waits some seconds for the first look at the topics. False: a promise would not hold with them,
  /// and there is nothing to do but Drain().
  [[nodiscard]] bool AwaitKafka(const std::stop_token& stop);

  struct Drained {
    bool all_answered = true;
    Durability::Closing durability{};
  };
  /// Says on /readyz that it goes, and `delay` later, when balancers have seen it, takes no new
  /// connections; answers what is asked meanwhile, all of it within `answers` after the delay.
  Drained Drain(std::chrono::milliseconds delay, std::chrono::milliseconds answers);

  /// Ends without a drain. False: a disk has not answered, and the process must end without
  /// destructors.
  [[nodiscard]] bool Abort();

  /// Reads the secret files again.
  void ReloadSecrets();

  [[nodiscard]] ReadinessVerdict readiness() const;
  [[nodiscard]] common::http::Server& server() { return *server_; }
  [[nodiscard]] Acceptance& acceptance() { return acceptance_; }

 private:
  Instance(const Config& config, std::unique_ptr<common::http::Server> server,
           Durability& durability, Events& events);
  void AwaitAnswers(common::Deadline answered);

  const Config& config_;
  Durability& durability_;
  Events& events_;
  std::unique_ptr<common::http::Server> server_;
  CredentialStore credentials_;
  RequestIds ids_;
  ServerResponses responses_;
  Acceptance acceptance_;
  CallbackEndpoint endpoint_;
  std::atomic<Phase> phase_ = Phase::kStarting;
  bool is_durability_open_ = false;
  // Last: their threads use the members above.
  std::optional<DeadlineTicker> ticker_;
  std::unique_ptr<common::admin::AdminServer> admin_;
};

/// The life of an instance, until a stop is asked for; the exit status.
int RunInstance(const Config& config, std::shared_ptr<const prometheus::Collectable> metrics,
                Durability& durability, Events& events, common::Shutdown& shutdown);

}  // namespace ingest
