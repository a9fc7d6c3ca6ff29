#pragma once

#include <prometheus/collectable.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/admin/admin_server.h"
#include "common/base/result.h"
#include "common/config/file_reads.h"
#include "common/http/server.h"
#include "common/runtime/shutdown.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/config.h"
#include "ingest/credentials.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/server_responses.h"
#include "ingest/instance/durability.h"
#include "ingest/instance/expected_route.h"
#include "ingest/policy/readiness.h"
#include "ingest/policy/shedding.h"

namespace ingest {

class Events;
class RequestTraces;

/// Connects the callback port and the admin port with Durability.
///
///   Open ──► Start ──► AwaitKafka ──► (serves) ──► Drain
///             │ answers callbacks from here on; until the first contact with Kafka, by the
///             │ rules for an unavailable Kafka
///
/// Threads:  the owner's, except readiness() and FindStalledPart().
/// Lifetime: refers to the configuration, the durability and the events.
class Instance {
 public:
  /// Binds the callback port. Clients are refused until Start(). `announcements`: makes them
  /// durable; none if the configuration has no route for them. `traces`: none if requests are not
  /// traced. Errors: kStop if the address cannot be bound.
  static common::Result<std::unique_ptr<Instance>> Open(const Config& config,
                                                        Durability& durability, Events& events,
                                                        Durability* announcements = nullptr,
                                                        RequestTraces* traces = nullptr);
  /// Calls Abort() and ignores its result.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Starts the durability, then serves both ports.
  /// Errors: kStop, with the message of the part that cannot start.
  common::Result<void> Start(std::shared_ptr<const prometheus::Collectable> metrics);

  /// Waits a few seconds for the first check of the topics. False: these topics would break a
  /// promise; only Drain() is left.
  [[nodiscard]] bool AwaitKafka(const std::stop_token& stop);

  struct Drained {
    bool all_answered = true;
    Durability::Closing durability{};
  };
  /// Reports draining on /readyz. After `delay`, when load balancers have noticed, accepts no new
  /// connections. Answers every request within `answers` after the delay.
  /// Closes the durability then, and calls `end_traces` meanwhile.
  Drained Drain(std::chrono::milliseconds delay, std::chrono::milliseconds answers,
                const std::function<void()>& end_traces = {});

  /// Stops without a drain. False: a disk has not answered, and the process must exit without
  /// running destructors.
  [[nodiscard]] bool Abort();

  /// Reads the secret files again. Threads: one at a time.
  void ReloadSecrets();

  [[nodiscard]] ReadinessVerdict readiness() const;
  /// The part that makes no progress. None before Start() has succeeded.
  [[nodiscard]] std::optional<std::string> FindStalledPart() const;
  [[nodiscard]] common::http::Server& server() { return *server_; }
  [[nodiscard]] Acceptance& acceptance() { return acceptance_; }

 private:
  Instance(const Config& config, const LoadBounds& bounds,
           std::unique_ptr<common::http::Server> server, Durability& durability, Events& events,
           Durability* announcements, RequestTraces* traces);
  [[nodiscard]] bool MustShedAnnouncements() const;
  void AwaitAnswers(common::Deadline answered);
  void RefreshGauges();

  const Config& config_;
  const LoadBounds bounds_;
  Durability& durability_;
  Events& events_;
  std::unique_ptr<common::http::Server> server_;
  CredentialStore credentials_;
  common::config::FileReads secret_reads_;
  RequestIds ids_;
  ServerResponses responses_;
  Acceptance acceptance_;
  CallbackEndpoint endpoint_;
  std::optional<ExpectedRoute> expected_;
  std::atomic<Phase> phase_ = Phase::kStarting;
  std::atomic<bool> is_serving_ = false;
  bool is_durability_open_ = false;
  // Last: their threads use the members above.
  std::optional<DeadlineTicker> ticker_;
  std::unique_ptr<common::admin::AdminServer> admin_;
};

/// The optional parts of an instance.
struct Extras {
  Durability* announcements = nullptr;
  RequestTraces* traces = nullptr;
  /// Sends what is left of the traces. Takes a second at most, unless it hangs.
  std::function<void()> end_traces{};
};

/// From the request of a stop to the end of the process, whatever hangs.
[[nodiscard]] std::chrono::milliseconds LongestStop(const Config& config);

/// Runs an instance until a stop is requested. Returns the exit status. The stop has its limit,
/// also after the return.
///
/// Lifetime: the log must outlive `shutdown`.
int RunInstance(const Config& config, std::shared_ptr<const prometheus::Collectable> metrics,
                Durability& durability, Events& events, const common::Logger& log,
                common::Shutdown& shutdown, const Extras& extras = {});

}  // namespace ingest
