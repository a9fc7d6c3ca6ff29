#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/backoff.h"

namespace consumer {

/// Keeps the access token and renews it early, with one request at a time.
///
///   none ──requested──► under way ──renewed──► usable ──20 % of its life, at most 60 s, left──►
///    ▲                     │ ▲                   │       usable, and wanted again
///    └──failed: backoff────┘ └───────────────────┘
///
/// Time: an argument.
class TokenCache {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kLifeIfUnsaid{300};
  /// A life of 0 would need a token per request.
  static constexpr std::chrono::seconds kShortestLife{1};

  explicit TokenCache(common::Backoff backoff) : backoff_(backoff) {}

  /// Null without a valid token. Valid until the next non-const call.
  [[nodiscard]] const std::string* Usable(TimePoint now) const;
  /// Distinguishes tokens, so that a late 401 does not drop a newer token.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  /// True if a token should be requested, apart from NotBefore().
  [[nodiscard]] bool IsWanted(TimePoint now) const;
  [[nodiscard]] bool is_under_way() const { return is_under_way_; }
  /// The end of the backoff after failures and of the token host's Retry-After. A probe waits only
  /// for the latter.
  [[nodiscard]] TimePoint NotBefore(bool is_probe) const;

  void Requested(TimePoint now);
  [[nodiscard]] TimePoint requested_at() const { return requested_at_; }
  /// Counts the life from the request, so as never to overestimate it.
  void Renewed(std::string token, std::optional<std::chrono::seconds> expires_in);
  void Failed(TimePoint now, double unit_random);
  void HoldUntil(TimePoint until);
  /// Failures so far say nothing of the next request.
  void ForgetFailures();
  /// The API refused the token of this generation.
  void Drop(std::uint64_t generation);

 private:
  common::Backoff backoff_;
  std::string token_;  ///< Empty: none.
  std::uint64_t generation_ = 0;
  TimePoint renew_at_{};
  TimePoint expires_at_{};
  bool is_under_way_ = false;
  TimePoint requested_at_{};
  int failures_ = 0;
  TimePoint retry_at_ = TimePoint::min();
  TimePoint hold_until_ = TimePoint::min();
};

}  // namespace consumer
