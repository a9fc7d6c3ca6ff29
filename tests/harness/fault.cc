#include "tests/harness/fault.h"

#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace tests {
namespace {

constexpr std::chrono::seconds kRecoveryLimit(120);

}  // namespace

void FaultSchedule::Inflict(std::unique_ptr<Fault> fault, std::chrono::milliseconds lasting,
                            Time now) {
  const std::string victim = fault->victim();
  if (!IsFree(victim)) throw std::logic_error(victim + " has a fault already");
  ++tally_[fault->kind()];
  fault->Inflict();
  active_[victim] = {std::move(fault), now + lasting};
}

void FaultSchedule::Advance(Time now) {
  for (auto at = active_.begin(); at != active_.end();) {
    auto& [victim, active] = *at;
    if (!active.is_healing && now >= active.heal_at) {
      active.fault->Heal();
      active.is_healing = true;
    }
    if (active.is_healing && active.fault->IsOver()) {
      at = active_.erase(at);
      continue;
    }
    if (now > active.heal_at + kRecoveryLimit)
      throw std::runtime_error(victim + " does not recover");
    ++at;
  }
}

void FaultSchedule::Finish() {
  // Each fault heals in time or throws. The longest lasts seconds.
  const auto is_quiet = [this] {
    Advance(std::chrono::steady_clock::now());
    return IsQuiet();
  };
  if (!WaitUntil(is_quiet, std::chrono::minutes(10))) throw std::runtime_error("faults do not end");
}

int FaultSchedule::Count(const std::string& kind) const {
  const auto found = tally_.find(kind);
  return found == tally_.end() ? 0 : found->second;
}

}  // namespace tests
