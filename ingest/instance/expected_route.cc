#include "ingest/instance/expected_route.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "ingest/events.h"

namespace ingest {

ExpectedBounds BoundsOfExpected(const Config& config) {
  constexpr std::size_t kShareOfBytes = 16;
  constexpr int kShareOfConnections = 16;
  return {.max_requests =
              static_cast<std::size_t>(std::max(config.max_connections / kShareOfConnections, 1)),
          .max_bytes = std::max(config.max_in_flight_bytes / kShareOfBytes,
                                config.max_body + config.max_head),
          .max_large_at_once = static_cast<std::size_t>(std::max(config.threads / 2, 1))};
}

ExpectedRoute::ExpectedRoute(const Config& config, Durability& durability,
                             common::http::Server& server, CallbackEndpoint& callbacks,
                             RequestIds& ids, Events& events, std::function<bool()> is_busy)
    : durability_(durability),
      credentials_({config.expected->source}, {config.expected->credentials}),
      responses_(server),
      acceptance_({.bounds = BoundsOfExpected(config), .ack_deadline = config.ack_deadline},
                  durability.sink(), responses_, ids),
      endpoint_(config.expected->path, config.providers, credentials_, acceptance_, events,
                std::move(is_busy)),
      routes_(callbacks, endpoint_) {}

void ExpectedRoute::PassTime(std::chrono::steady_clock::time_point now) {
  durability_.PollReports();
  durability_.PassTime(now);
  acceptance_.ExpireUntil(now);
}

}  // namespace ingest
