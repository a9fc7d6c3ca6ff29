#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/backoff.h"

namespace consumer {

/// The access token: kept, renewed early, one request at a time.
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
  static constexpr std::chrono::seconds kShortestLife{1};  ///< Else 0 would mean a token a request.

  explicit TokenCache(common::Backoff backoff) : backoff_(backoff) {}

  /// Null if there is none, or it has expired. Valid until the next call that is not const.
  [[nodiscard]] const std::string* Usable(TimePoint now) const;
  /// Tells the tokens apart, so that a late 401 does not drop the token that came since.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  /// Whether a token should be asked for, were it not for NotBefore().
  [[nodiscard]] bool IsWanted(TimePoint now) const;
  [[nodiscard]] bool is_under_way() const { return is_under_way_; }
  /// The backoff after failures and the token host's Retry-After; a probe waits for the latter
  /// only.
  [[nodiscard]] TimePoint NotBefore(bool is_probe) const;

  void Requested(TimePoint now);
  /// Of the last request.
  [[nodiscard]] TimePoint requested_at() const { return requested_at_; }
  /// The life counts from the request, so that it is never overestimated.
  void Renewed(std::string token, std::optional<std::chrono::seconds> expires_in);
  void Failed(TimePoint now, double unit_random);
  void HoldUntil(TimePoint until);
  /// The API refused the token of that generation.
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
