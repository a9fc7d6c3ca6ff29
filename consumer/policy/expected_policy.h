#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

#include "common/base/rfc3339.h"
#include "common/domain/expected_settings.h"

namespace consumer {

/// The finding of one look at the API.
enum class LookAnswer {
  kUnfinished,  ///< The process is `pending` or `processing`.
  kMissing,     ///< 404.
  kGone,        ///< 410.
  kFailed,      ///< Anything that says nothing of the process.
};

/// How waiting for an announced process ends. The label `outcome` of
/// sluice_consumer_expected_total.
enum class ExpectedEnd { kCallback, kReconciled, kUnfinished, kGone, kForgotten, kRefused };
[[nodiscard]] std::string_view ToText(ExpectedEnd end);

struct LookAgain {
  common::WallTime at{};
};
using LookDecision = std::variant<LookAgain, ExpectedEnd>;

/// The looks before the one that is being judged.
struct LookHistory {
  common::WallTime announced_at{};
  std::chrono::milliseconds within{};
  int looks = 0;     ///< That found the process unfinished, before this one.
  int failures = 0;  ///< Looks that have failed in a row, before this one.
  std::optional<common::WallTime> missing_since = {};  ///< The first 404 in a row, before this one.
};

/// Decides when to ask the API for an announced process whose callback has not come. Pure: equal
/// arguments always give the same decision.
///
///   first look    = announced + within
///   after a restart, if that has passed
///                 = now + random * min(within, 10 min)
///   unfinished    : again after within, at least 1 and at most 15 min, then twice as long each time,
///                   the last time at announced + max_wait; still unfinished then: the end
///   404           : again after not_found_for; still missing then: gone
///   failed        : again after 1, 2, 4 … 60 min. The API's fault ends nothing before a day after
///                   max_wait has passed
class ExpectedPolicy {
 public:
  ExpectedPolicy(common::ExpectedSettings settings, std::chrono::milliseconds not_found_for)
      : settings_(settings), not_found_for_(not_found_for) {}

  /// True if nothing is asked about it any more: what was handled that long ago, may be forgotten.
  [[nodiscard]] bool IsOver(common::WallTime announced_at, common::WallTime now) const;

  /// `unit_random` is in [0, 1).
  [[nodiscard]] common::WallTime FirstLook(common::WallTime announced_at,
                                           std::chrono::milliseconds within, common::WallTime now,
                                           double unit_random) const;
  [[nodiscard]] LookDecision Decide(LookAnswer answer, const LookHistory& history,
                                    common::WallTime now) const;

  /// True if the callback is lost and not just late: the process has been finished for longer than
  /// its callbacks usually take.
  [[nodiscard]] static bool IsLost(common::WallTime finished_at, std::chrono::milliseconds within,
                                   common::WallTime now) {
    return now - finished_at > within;
  }

 private:
  common::ExpectedSettings settings_;
  std::chrono::milliseconds not_found_for_;
};

}  // namespace consumer
