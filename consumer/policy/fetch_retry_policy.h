#pragma once

#include <chrono>
#include <variant>

#include "common/base/backoff.h"
#include "common/domain/dead_letter.h"
#include "consumer/policy/reaction.h"

namespace consumer {

struct Done {};
struct RetryIn {
  std::chrono::milliseconds delay;
};
struct GiveUp {
  common::DeadReason reason;
};
using FetchDecision = std::variant<Done, RetryIn, GiveUp>;

/// The attempts before the one that is being judged.
struct FetchHistory {
  int retries = 0;     ///< Failed attempts before this one.
  int unreadable = 0;  ///< Of these, the kUnreadable ones.
  /// Since the first attempt, without the time while the breaker was open.
  std::chrono::milliseconds age{};
  /// The host has answered since the failed attempt before this one: it works, and this callback is
  /// what fails. Without that an outage may be what makes it old.
  bool is_witnessed = true;
};

/// Decides what to do after each attempt. Pure: equal arguments always give the same decision.
///
/// Only a failed attempt is judged by its age, so a success counts however late it comes, and the
/// last wait may exceed the budget.
class FetchRetryPolicy {
 public:
  struct Settings {
    common::Backoff backoff;
    std::chrono::milliseconds max_age{std::chrono::hours(6)};
    std::chrono::milliseconds not_found_for{std::chrono::minutes(10)};
  };
  static constexpr int kUnreadableAttempts = 3;

  explicit FetchRetryPolicy(Settings settings) : settings_(settings) {}

  /// `unit_random` is in [0, 1). kRenewToken means that a new token did not help.
  [[nodiscard]] FetchDecision Decide(Reaction reaction, const FetchHistory& history,
                                     double unit_random) const;

 private:
  Settings settings_;
};

}  // namespace consumer
