#include "ops/simulator/sender_rules.h"

#include <algorithm>
#include <array>

#include "ops/simulator/synthetic_ids.h"

namespace simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kReadIdHold = hours(1);

bool IsHeldByReadId(int status) {
  constexpr std::array kHeld{404, 405, 406, 410, 414, 415};
  return status >= 500 || std::find(kHeld.begin(), kHeld.end(), status) != kHeld.end();
}

}  // namespace

const SenderRules& RulesOf(std::string_view route) {
  static const SenderRules onfido{
      .offsets = {seconds(30), minutes(2), minutes(15), hours(2), hours(10)}};
  static const SenderRules eid{.every = minutes(10), .repetitions = 14};
  static const SenderRules readid{
      .takes_any_2xx = true, .every = hours(1), .repetitions = 24, .is_readid = true};
  static const SenderRules events{.takes_any_2xx = true, .repetitions = 5, .expires = true};
  static const SenderRules once;
  if (route == "onfido") return onfido;
  if (route == "eid") return eid;
  if (route == "readid") return readid;
  if (route == kEventsRoute) return events;
  return once;
}

SenderReaction Judge(const SenderRules& rules, int status) {
  if (status == 200 || (rules.takes_any_2xx && status >= 200 && status <= 299)) {
    return {.accepted = true};
  }
  if (!rules.is_readid) return {.may_retry = true};
  if (status == 400) return {};
  return {.may_retry = true, .hold_everyone = IsHeldByReadId(status) ? kReadIdHold : seconds(0)};
}

}  // namespace simulator
