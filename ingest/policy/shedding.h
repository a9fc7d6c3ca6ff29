#pragma once

#include <cstddef>
#include <cstdint>

#include "common/domain/provider_rules.h"

namespace ingest {

/// The requests that wait for an outcome.
struct Load {
  std::size_t requests = 0;
  std::size_t bytes = 0;  ///< Their bodies, and the requests that are being received.

  friend bool operator==(const Load&, const Load&) = default;
};

struct LoadBounds {
  std::size_t max_requests = 20'000;
  std::size_t max_bytes = 256ULL * 1024 * 1024;
};

/// The cost of a refusal: how soon the sender retries. The higher the cost, the later a request is
/// shed.
///
///   class        next attempt       among the built-in rows              share of each bound
///   kUnjudged    (no row yet)       an incomplete head                          60 %, see below
///   kSoon        within 5 minutes   onfido (30 s)                               70 %
///   kLater       within 30 minutes  eid (10 min)                                80 %
///   kMuchLater   after that         readid (1 h)                                90 %
///   kNever       none known         paper, connect, webid, pictureid, unknown  100 %
///
/// The last tenth is the reserve for callbacks that a refusal would lose.
///
/// Unknown senders, those of incomplete heads and of rows with `auth: none`, may together fill only
/// the share of kUnjudged, whatever the class of the row: whoever likes can be one of them.
enum class RefusalCost : std::uint8_t { kUnjudged, kSoon, kLater, kMuchLater, kNever };

inline constexpr RefusalCost kAllRefusalCosts[] = {RefusalCost::kUnjudged, RefusalCost::kSoon,
                                                   RefusalCost::kLater, RefusalCost::kMuchLater,
                                                   RefusalCost::kNever};

/// Depends only on the row's schedule, not on its name or statuses.
[[nodiscard]] RefusalCost CostOfRefusing(const common::ProviderRow& row);

/// The share of each bound that a class may fill. At least 1, so that a bound of 1 works.
[[nodiscard]] LoadBounds ShareOf(RefusalCost cost, const LoadBounds& bounds);

/// True if a request that has `own` of the `used` bytes must be refused `more` bytes: the other
/// requests fill its class's share, or the bound would be exceeded.
///
///   Bounds are hard. The last body that is let in may exceed its share; otherwise a body larger
///   than the share would never be accepted, whatever the load.
[[nodiscard]] bool MustShedBytes(std::size_t used, std::size_t own, std::size_t more,
                                 RefusalCost cost, const LoadBounds& bounds);

/// True if a request with a body of this size must be refused.
[[nodiscard]] bool MustShed(const Load& load, std::size_t body, RefusalCost cost,
                            const LoadBounds& bounds);

/// True if every class has room, so that shedding can end.
[[nodiscard]] bool HasRoomForAll(const Load& load, const LoadBounds& bounds);

}  // namespace ingest
