// Somebody gives the topics more partitions.
#include <algorithm>
#include <utility>

#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

using std::chrono::seconds;

/// Sessions of static members end without a good-bye.
constexpr seconds kUntilGroupIsEmpty{12};
/// For what waits yet, before the next try.
constexpr seconds kUntilAllIsHandled{25};
/// Then it stays at the old number: a transaction that Kafka has forgotten forbids it, say.
constexpr int kMostTries = 4;

}  // namespace

void World::BeginRaise(const Action& action) {
  if (raise_.to > 0) return;  // Once is enough.
  raise_.to = cluster_.PartitionsOf(Topic::kCallbacks) + action.number;
  raise_.kill_after = action.span;
  raise_.is_on = true;
  TryToRaise();
}

void World::StopAllForRaise() {
  std::fill(slots_.begin(), slots_.end(), nullptr);
  for (const auto& instance : all_) {
    if (!instance->is_alive()) continue;
    instance->is_frozen() ? instance->Crash() : instance->Stop();
  }
}

// Senders are stopped, so nothing new comes, see HoldsTraffic().
void World::TryToRaise() {
  StopAllForRaise();
  runtime_.After(kUntilGroupIsEmpty, [this] {
    if (raise_.is_over) return;
    trace_.Note(runtime_.now(), "raises partitions", raise_.to, ++raise_.tries);
    raisers_.push_back(
        std::make_unique<Raiser>(runtime_, ++last_host_, scenario_.has_announcements, raise_.to));
    Raiser* const raiser = raisers_.back().get();
    raiser->Start([this](const Raiser::Ended& ended) { RaiseEnded(ended); });
    const Span span = std::exchange(raise_.kill_after, Span(0));
    if (span == Span(0)) return;
    runtime_.After(span, [this, raiser, tries = raise_.tries] {
      if (!raise_.is_on || raise_.is_over || raise_.tries != tries) return;
      trace_.Note(runtime_.now(), "the raise is killed");
      raiser->Kill();
      RaiseEnded({Raiser::End::kFailed, "killed"});
    });
  });
}

void World::RaiseEnded(const Raiser::Ended& ended) {
  if (raise_.is_over) return;
  trace_.Note(runtime_.now(), "the raise ends: " + ended.why, static_cast<int>(ended.end));
  const bool has_begun = cluster_.PartitionsOf(Topic::kCallbacks) >= raise_.to;
  const bool is_given_up = !has_begun && raise_.tries >= kMostTries;
  if (ended.end == Raiser::End::kDone || is_given_up) {
    raise_.is_on = false;
    StartAllSlots();
    for (const auto& arrive : std::exchange(raise_.held, {})) arrive();
    return;
  }
  if (has_begun) return TryToRaise();
  StartAllSlots();
  runtime_.After(kUntilAllIsHandled, [this] {
    if (!raise_.is_over) TryToRaise();
  });
}

void World::StartAllSlots() {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] == nullptr) Start(slot);
  }
}

bool World::HoldsTraffic(std::function<void()> arrive) {
  if (!raise_.is_on) return false;
  raise_.held.push_back(std::move(arrive));
  return true;
}

void World::EndRaise() {
  raise_.is_over = true;
  for (const auto& raiser : raisers_) raiser->Kill();
}

}  // namespace simulation
