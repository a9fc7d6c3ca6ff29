#include "consumer/policy/expected_policy.h"

#include <algorithm>

namespace consumer {
namespace {

using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr minutes kLongestJitter{10};
constexpr minutes kFirstAgain{15};
constexpr minutes kShortestAgain{1};
constexpr minutes kFirstAfterFailure{1};
constexpr minutes kLongestAfterFailure{60};
/// Of at least a minute: two years.
constexpr int kMostDoublings = 20;

milliseconds Doubled(milliseconds first, int times) {
  return first * (1 << std::min(times, kMostDoublings));
}

}  // namespace

std::string_view ToText(ExpectedEnd end) {
  switch (end) {
    case ExpectedEnd::kCallback:
      return "callback";
    case ExpectedEnd::kReconciled:
      return "reconciled";
    case ExpectedEnd::kUnfinished:
      return "unfinished";
    case ExpectedEnd::kGone:
      return "gone";
    case ExpectedEnd::kForgotten:
      return "forgotten";
    case ExpectedEnd::kRefused:
      return "refused";
  }
  return "";
}

bool ExpectedPolicy::IsOver(WallTime announced_at, WallTime now) const {
  return now >= announced_at + settings_.reach();
}

WallTime ExpectedPolicy::FirstLook(WallTime announced_at, milliseconds within, WallTime now,
                                   double unit_random) const {
  const WallTime due = announced_at + within;
  if (due > now) return due;
  const milliseconds most = std::min<milliseconds>(within, kLongestJitter);
  return now + std::chrono::floor<milliseconds>(most * unit_random);
}

LookDecision ExpectedPolicy::Decide(LookAnswer answer, const LookHistory& history,
                                    WallTime now) const {
  const WallTime last = history.announced_at + settings_.max_wait;
  switch (answer) {
    case LookAnswer::kGone:
      return ExpectedEnd::kGone;
    case LookAnswer::kMissing: {
      const WallTime since = history.missing_since.value_or(now);
      if (now - since >= not_found_for_) return ExpectedEnd::kGone;
      return LookAgain{since + not_found_for_};
    }
    case LookAnswer::kUnfinished: {
      if (now >= last) return ExpectedEnd::kUnfinished;
      const milliseconds first =
          std::clamp<milliseconds>(history.within, kShortestAgain, kFirstAgain);
      return LookAgain{std::min(last, now + Doubled(first, history.looks))};
    }
    case LookAnswer::kFailed:
      break;
  }
  if (IsOver(history.announced_at, now)) return ExpectedEnd::kUnfinished;
  return LookAgain{now + std::min<milliseconds>(kLongestAfterFailure,
                                                Doubled(kFirstAfterFailure, history.failures))};
}

}  // namespace consumer
