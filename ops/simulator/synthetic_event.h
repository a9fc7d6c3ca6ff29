#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/event_rules.h"
#include "ops/simulator/synthetic_callback.h"

namespace simulator {

/// How the sender signs.
struct EventSigning {
  common::SignatureRule rule;
  std::string key;
};

/// Shares from 0 to 1.
struct EventOptions {
  std::optional<EventSigning> signing{};  ///< None: unsigned.
  double mock_rate = 0;                   ///< Events with the tag `mock`.
  double forged_rate = 0;  ///< Events beside which another one comes, signed with a wrong secret.
  double stale_rate = 0;   ///< Events beside which a copy comes, signed an hour before.
};

/// The kinds of requests, as the report counts their answers.
enum class EventKind : std::uint8_t { kFirst, kRepeated, kMock, kForged, kStale };
inline constexpr std::size_t kEventKinds = 5;

/// "first", "repeated", "mock", "forged", "stale"
[[nodiscard]] std::string_view NameOf(EventKind kind);

/// True if the receiver must refuse requests of this kind. They are not deliveries of the plan.
[[nodiscard]] bool MustBeRefused(EventKind kind);

struct EventRequest {
  EventKind kind = EventKind::kFirst;
  std::string body;
  std::vector<std::string> fields;  ///< Headers such as "Name: value".
};

/// One delivery of an event.
struct EventDelivery {
  const SyntheticCallback& fact;
  std::uint32_t attempt = 1;
  common::WallTime made;
  common::WallTime expires;
  common::WallTime now;
};

/// True if the event has the tag `mock`, so that it has no result.
[[nodiscard]] bool IsMock(const SyntheticCallback& fact, const EventOptions& options);

/// The request of a delivery and, beside the first one, those that must be refused. Pure. All
/// deliveries of an event have the same id and body. A forged event is about another process.
///
///   body := {"id","timestamp","sender","eventName","eventData":{"dossierId","processId","status"},
///            "accountId","organizationId","expiresAt","tags"}
/// Source: Signicat, "Events", the envelope; the members of eventData are not documented.
[[nodiscard]] std::vector<EventRequest> MakeRequests(const EventDelivery& delivery,
                                                     const EventOptions& options);

}  // namespace simulator
