#include "ops/simulator/delivery_plan.h"

#include <algorithm>

#include "ops/simulator/sender_rules.h"

namespace simulator {

DeliveryTally& DeliveryTally::operator+=(const DeliveryTally& other) {
  callbacks += other.callbacks;
  attempts += other.attempts;
  acknowledged += other.acknowledged;
  lost += other.lost;
  penalties += other.penalties;
  duplicates += other.duplicates;
  unsent += other.unsent;
  late += other.late;
  return *this;
}

DeliveryPlan::DeliveryPlan(DeliveryPlanOptions options, Time start)
    : options_(std::move(options)),
      start_(start),
      dice_(Mix(options_.seed)),
      held_until_(kProviders.size(), start),
      tallies_(kProviders.size()) {}

DeliveryPlan::Time::duration DeliveryPlan::Compressed(std::chrono::seconds time) const {
  return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(time) /
                                                    options_.speed);
}

DeliveryPlan::Time DeliveryPlan::FirstDue(std::uint64_t callback) const {
  if (options_.open_loop_rate <= 0) return start_;
  return start_ + std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(
                      static_cast<double>(callback) / options_.open_loop_rate));
}

SyntheticCallback DeliveryPlan::CallbackOf(std::uint64_t callback) const {
  return MakeCallback(options_.mix, options_.seed, callback);
}

DeliveryPlan::Fate DeliveryPlan::FateOf(std::uint64_t callback) const {
  if (callback >= states_.size()) return {};
  const State& state = states_[callback];
  return {state.attempts > 0, state.acknowledged, state.attempts, state.first, state.unsent};
}

/// The same ones for each seed, whatever happens to others.
bool DeliveryPlan::IsUnsent(std::uint64_t callback) const {
  constexpr std::uint64_t kOfLosses = 0x6c6f7365;
  return Dice(Mix(Mix(options_.seed ^ kOfLosses) ^ callback)).Unit() < options_.lose_rate;
}

std::optional<DeliveryPlan::Delivery> DeliveryPlan::Next(Time now, std::uint64_t limit) {
  if (std::optional<Delivery> delivery = NextWaiting(now)) return delivery;
  return NextFirst(now, limit);
}

std::optional<DeliveryPlan::Delivery> DeliveryPlan::NextWaiting(Time now) {
  while (!waiting_.empty() && waiting_.top().first <= now) {
    const auto [due, callback] = waiting_.top();
    waiting_.pop();
    const Time held_until = held_until_[states_[callback].provider];
    if (held_until <= now) return Begin(callback, due, now);
    waiting_.emplace(held_until, callback);
  }
  return std::nullopt;
}

std::optional<DeliveryPlan::Delivery> DeliveryPlan::NextFirst(Time now, std::uint64_t limit) {
  while (states_.size() < std::min(options_.count, limit)) {
    const std::uint64_t callback = states_.size();
    const Time due = FirstDue(callback);
    if (due > now) return std::nullopt;
    const std::size_t provider = CallbackOf(callback).provider;
    states_.push_back({.provider = static_cast<std::uint8_t>(provider)});
    if (options_.lose_rate > 0 && IsUnsent(callback)) {
      states_.back().unsent = true;
      ++tallies_[provider].unsent;
      ++settled_;
      continue;
    }
    if (held_until_[provider] <= now) {
      return Begin(callback, options_.open_loop_rate > 0 ? due : now, now);
    }
    waiting_.emplace(held_until_[provider], callback);
  }
  return std::nullopt;
}

DeliveryPlan::Delivery DeliveryPlan::Begin(std::uint64_t callback, Time due, Time now) {
  State& state = states_[callback];
  DeliveryTally& tally = tallies_[state.provider];
  if (state.attempts++ == 0) {
    state.first = now;
    ++tally.callbacks;
  }
  ++tally.attempts;
  if (state.acknowledged) ++tally.duplicates;
  return {callback, due};
}

std::optional<DeliveryPlan::Time> DeliveryPlan::NextDue() const {
  std::optional<Time> due;
  if (!waiting_.empty()) due = waiting_.top().first;
  if (states_.size() < options_.count) {
    const Time first = FirstDue(states_.size());
    due = due ? std::min(*due, first) : first;
  }
  return due;
}

DeliveryPlan::Time DeliveryPlan::ExpiryOf(const State& state) const {
  return RulesOf(kProviders[state.provider].route).expires ? state.first + options_.event_lifetime
                                                           : Time::max();
}

bool DeliveryPlan::Wait(std::uint64_t callback, std::size_t slot, Time now) {
  State& state = states_[callback];
  const SenderRules& rules = RulesOf(kProviders[state.provider].route);
  if (slot > rules.Repetitions()) return false;
  const auto every = rules.expires ? Time::duration(options_.event_lifetime) /
                                         static_cast<int>(rules.repetitions + 1)
                                   : Compressed(rules.every);
  const Time due = rules.offsets.empty()
                       ? now + every * static_cast<int>(slot - state.slot)
                       : std::max(now, state.first + Compressed(rules.offsets[slot - 1]));
  if (due > ExpiryOf(state)) return false;
  waiting_.emplace(due, callback);
  state.slot = static_cast<std::uint8_t>(slot);
  return true;
}

void DeliveryPlan::Answered(std::uint64_t callback, int status, Time now) {
  State& state = states_[callback];
  DeliveryTally& tally = tallies_[state.provider];
  const SenderRules& rules = RulesOf(kProviders[state.provider].route);
  const SenderReaction reaction = Judge(rules, status);
  if (reaction.hold_everyone.count() > 0) {
    ++tally.penalties;
    Time& held_until = held_until_[state.provider];
    held_until = std::max(held_until, now + Compressed(reaction.hold_everyone));
  }
  if (reaction.accepted) {
    if (!state.acknowledged) {
      ++tally.acknowledged;
      if (now > ExpiryOf(state)) ++tally.late;
    }
    state.acknowledged = true;
    const std::size_t slots_left = rules.Repetitions() - state.slot;
    if (slots_left > 0 && dice_.Unit() < options_.duplicate_rate &&
        Wait(callback, state.slot + 1 + dice_.Below(slots_left), now)) {
      return;
    }
  } else if (reaction.may_retry && Wait(callback, state.slot + 1U, now)) {
    return;
  }
  if (!state.acknowledged) ++tally.lost;
  ++settled_;
}

}  // namespace simulator
