#pragma once

#include <cstddef>
#include <cstdint>

#include "common/domain/provider_rules.h"

namespace ingest {

/// What waits for an outcome.
struct Load {
  std::size_t requests = 0;
  std::size_t bytes = 0;  ///< Of their bodies, and of requests that are being received.

  friend bool operator==(const Load&, const Load&) = default;
};

struct LoadBounds {
  std::size_t max_requests = 20'000;
  std::size_t max_bytes = 256ULL * 1024 * 1024;
};

/// What a refusal costs: by when the sender tries again. The dearer it is, the later it is shed.
///
///   class        next attempt       among the built-in rows              share of each bound
///   kUnjudged    (no row yet)       a head that is not whole                    60 %
///   kSoon        within 5 minutes   onfido (30 s)                               70 %
///   kLater       within 30 minutes  eid (10 min)                                80 %
///   kMuchLater   after that         readid (1 h)                                90 %
///   kNever       none known         paper, connect, webid, pictureid, unknown  100 %
///
/// So the last tenth is the reserve of callbacks that are lost if they are refused.
enum class RefusalCost : std::uint8_t { kUnjudged, kSoon, kLater, kMuchLater, kNever };

inline constexpr RefusalCost kAllRefusalCosts[] = {RefusalCost::kUnjudged, RefusalCost::kSoon,
                                                   RefusalCost::kLater, RefusalCost::kMuchLater,
                                                   RefusalCost::kNever};

/// Only the row's schedule counts: its name and its statuses do not.
[[nodiscard]] RefusalCost CostOfRefusing(const common::ProviderRow& row);

/// The share of each bound that a class may fill: never 0, so that a bound of 1 is of use.
[[nodiscard]] LoadBounds ShareOf(RefusalCost cost, const LoadBounds& bounds);

/// Whether a request must be refused that would hold `more` bytes beside the `own` ones that it
/// holds already and that are among the `used`: what the others hold fills the share of its class,
/// or the bound would be passed.
///
///   The bounds are hard. A share is one for all but the last body that is let in: else a body that
///   is larger than a share would never be taken, whatever the load.
[[nodiscard]] bool MustShedBytes(std::size_t used, std::size_t own, std::size_t more,
                                 RefusalCost cost, const LoadBounds& bounds);

/// Whether one more request with a body of that size must be refused.
[[nodiscard]] bool MustShed(const Load& load, std::size_t body, RefusalCost cost,
                            const LoadBounds& bounds);

/// Whether the load leaves every class room: then shedding is over.
[[nodiscard]] bool HasRoomForAll(const Load& load, const LoadBounds& bounds);

}  // namespace ingest
