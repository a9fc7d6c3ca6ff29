#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

namespace simulator {

// How each provider repeats a callback. Source: Signicat, "Callbacks", callback retry mechanism.
//
//   provider            taken as success   attempts after the first one
//   onfido              200                30 s, 2 min, 15 min, 2 h and 10 h after the first one
//   eid                 200                10 min after each failure, until the 15th attempt
//   readid              200-299            an hour after each failure, up to 24; 400: none;
//                                          ≥ 500, 404, 405, 406, 410, 414, 415: all of ReadID's
//                                          callbacks are held for an hour
//   paper, connect      200                none
//   webid, pictureid    200                not documented: none
//   events              200-299            not documented; ours: a sixth of the event's lifetime
//                                          after each failure, until it expires
//
// Our reading where the text is silent: a held ReadID callback counts as tried and is repeated with
// the others; for ReadID, a missing answer is a failure like any other.

struct SenderRules {
  bool takes_any_2xx = false;
  /// Repetitions at fixed times after the first attempt, ascending; or else
  std::vector<std::chrono::seconds> offsets{};
  /// `repetitions` of them, each this long after the failure before it.
  std::chrono::seconds every{};
  std::size_t repetitions = 0;
  bool is_readid = false;
  bool expires = false;  ///< `every` is a part of the lifetime; none is sent after that.

  [[nodiscard]] std::size_t Repetitions() const {
    return offsets.empty() ? repetitions : offsets.size();
  }
};

/// The rules for a route; an unknown provider sends once.
[[nodiscard]] const SenderRules& RulesOf(std::string_view route);

/// A sender's reaction to one answer.
struct SenderReaction {
  bool accepted = false;
  bool may_retry = false;                ///< False: accepted, or must not be repeated.
  std::chrono::seconds hold_everyone{};  ///< All callbacks of the provider wait this long.
  friend bool operator==(const SenderReaction&, const SenderReaction&) = default;
};

/// `status` 0: no answer in time.
[[nodiscard]] SenderReaction Judge(const SenderRules& rules, int status);

}  // namespace simulator
