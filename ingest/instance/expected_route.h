#pragma once

#include <chrono>
#include <functional>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/http/server.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/config.h"
#include "ingest/credentials.h"
#include "ingest/expected/expected_acceptance.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/expected_endpoint.h"
#include "ingest/http/routes.h"
#include "ingest/instance/durability.h"

namespace ingest {

class Events;

/// The bounds of announcements: bytes on top of `max_in_flight_bytes`; few requests, and so few of
/// the connections; large bodies on half of the workers.
[[nodiscard]] ExpectedBounds BoundsOfExpected(const Config& config);

/// The route of announcements, from its secrets to its producer.
///
/// Threads:  the owner's; PassTime(): the ticker's.
/// Lifetime: refers to all that the constructor gets.
class ExpectedRoute {
 public:
  /// Precondition: the configuration has the route.
  ExpectedRoute(const Config& config, Durability& durability, common::http::Server& server,
                CallbackEndpoint& callbacks, RequestIds& ids, Events& events,
                std::function<bool()> is_busy);

  /// Errors: kStop if librdkafka refuses the configuration. A topic that is missing or wrong is no
  ///         error: requests are answered 503, and callbacks are received.
  common::Result<void> Start() { return durability_.Start(acceptance_); }

  /// This route, and that of callbacks.
  [[nodiscard]] Routes& routes() { return routes_; }

  /// Passes reports on and expires requests. Call every few dozen milliseconds, from one thread.
  void PassTime(std::chrono::steady_clock::time_point now);

  [[nodiscard]] CredentialStore& credentials() { return credentials_; }

  /// Answers all that wait, and all later ones, as draining.
  void AnswerAll() { acceptance_.Close(); }
  void Close(common::Deadline deadline) { (void)durability_.Close(deadline); }

 private:
  Durability& durability_;
  CredentialStore credentials_;
  ExpectedServerResponses responses_;
  ExpectedAcceptance acceptance_;
  ExpectedEndpoint endpoint_;
  Routes routes_;
};

}  // namespace ingest
