#include "ingest/policy/shedding.h"

#include <algorithm>

namespace ingest {
namespace {

using std::chrono::minutes;

constexpr minutes kSoonLimit{5};
constexpr minutes kLaterLimit{30};

std::size_t PercentOf(RefusalCost cost) {
  switch (cost) {
    case RefusalCost::kUnjudged:
      return 60;
    case RefusalCost::kSoon:
      return 70;
    case RefusalCost::kLater:
      return 80;
    case RefusalCost::kMuchLater:
      return 90;
    case RefusalCost::kNever:
      break;
  }
  return 100;
}

/// Cannot overflow.
std::size_t Share(std::size_t bound, std::size_t percent) {
  return std::max<std::size_t>(bound / 100 * percent + bound % 100 * percent / 100, 1);
}

}  // namespace

RefusalCost CostOfRefusing(const common::ProviderRow& row) {
  if (row.retry_schedule.empty()) return RefusalCost::kNever;
  const std::chrono::seconds next = row.retry_schedule.front();
  if (next <= kSoonLimit) return RefusalCost::kSoon;
  return next <= kLaterLimit ? RefusalCost::kLater : RefusalCost::kMuchLater;
}

LoadBounds ShareOf(RefusalCost cost, const LoadBounds& bounds) {
  const std::size_t percent = PercentOf(cost);
  return {.max_requests = Share(bounds.max_requests, percent),
          .max_bytes = Share(bounds.max_bytes, percent)};
}

bool MustShedBytes(std::size_t used, std::size_t own, std::size_t more, RefusalCost cost,
                   const LoadBounds& bounds) {
  const std::size_t others = used - std::min(used, own);
  if (more > bounds.max_bytes || used > bounds.max_bytes - more) return true;
  return others > 0 && others >= ShareOf(cost, bounds).max_bytes;
}

bool MustShed(const Load& load, std::size_t body, RefusalCost cost, const LoadBounds& bounds) {
  return load.requests >= ShareOf(cost, bounds).max_requests ||
         MustShedBytes(load.bytes, 0, body, cost, bounds);
}

bool HasRoomForAll(const Load& load, const LoadBounds& bounds) {
  const LoadBounds least = ShareOf(kAllRefusalCosts[0], bounds);
  return load.requests < least.max_requests && load.bytes < least.max_bytes;
}

}  // namespace ingest
