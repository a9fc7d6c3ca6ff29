// Actions that wait for a request.
#include <algorithm>
#include <array>

#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

constexpr std::array<std::pair<std::string_view, Aim>, 9> kRequests = {{
    {"AddPartitionsToTxn", Aim::kAddPartitions},
    {"Produce", Aim::kProduce},
    {"TxnOffsetCommit", Aim::kOffsets},
    {"EndTxn commit", Aim::kCommit},
    {"EndTxn abort", Aim::kAbort},
    {"InitProducerId", Aim::kInitialise},
    {"JoinGroup", Aim::kJoin},
    {"OffsetFetch", Aim::kFetchOffsets},
    {"Fetch", Aim::kFetch},
}};

Aim AimOf(std::string_view request) {
  const auto found =
      std::ranges::find_if(kRequests, [&](const auto& one) { return one.first == request; });
  return found == kRequests.end() ? Aim::kNone : found->second;
}

bool IsOfRequest(Kind kind) {
  return kind == Kind::kHold || kind == Kind::kLate || kind == Kind::kLoseAnswer ||
         kind == Kind::kRefuse || kind == Kind::kRefuseAgain;
}

void Apply(const Action& action, Mishap& mishap) {
  if (action.kind == Kind::kHold) mishap.hold = action.span;
  if (action.kind == Kind::kLate) mishap.late = action.span;
  if (action.kind == Kind::kLoseAnswer || action.kind == Kind::kRefuseAgain) {
    mishap.is_answer_lost = true;
  }
  if (action.kind == Kind::kRefuse) mishap.is_refused = true;
}

}  // namespace

std::vector<Action> World::TakeArmed(std::string_view request, Place place, bool is_at_once) {
  std::vector<Action> taken;
  if (armed_.empty()) return taken;
  const Aim aim = AimOf(request);
  std::erase_if(armed_, [&](const Action& action) {
    const bool is_elsewhere =
        action.kind == Kind::kTruncateExpected && place.topic != Topic::kExpected;
    const bool is_meant = action.aim == aim && !is_elsewhere &&
                          (action.is_at_once || IsOfRequest(action.kind)) == is_at_once;
    if (is_meant) taken.push_back(action);
    return is_meant;
  });
  return taken;
}

Mishap World::HasSent(std::string_view request, Place place, const Host& host) {
  Mishap mishap;
  for (const Action& action : TakeArmed(request, place, true)) {
    if (IsOfRequest(action.kind)) {
      Apply(action, mishap);
      if (action.kind == Kind::kRefuseAgain) {
        armed_.push_back({.at = action.at, .kind = Kind::kRefuse, .aim = action.aim});
      }
    } else {
      DoAt(action, place, host);
    }
  }
  return mishap;
}

void World::WasCarriedOut(std::string_view request, Place place, const Host& host) {
  for (const Action& action : TakeArmed(request, place, false)) DoAt(action, place, host);
}

// Next, but not within what goes on now.
void World::DoAt(const Action& action, Place place, const Host& host) {
  runtime_.After(Span(0), [this, action, place, id = host.id, peace = peace_] {
    if (peace != peace_) return;
    trace_.Note(runtime_.now(), NameOf(action.kind), id);
    if (IsTraffic(action.kind)) return Arrive(action);
    const auto sender =
        std::ranges::find_if(all_, [&](const auto& one) { return one->host().id == id; });
    const bool is_of_partition = place.topic != kGroupCoordinator.topic &&
                                 place.topic != kTransactionCoordinator.topic &&
                                 place.topic != Topic::kDead;
    const auto any = action.target % static_cast<std::uint64_t>(scenario_.partitions);
    const int broker = cluster_.network().LeaderOf(place);
    Do(action, {.instance = sender == all_.end() ? nullptr : sender->get(),
                .broker = std::max(0, broker),
                .place = place,
                .partition = is_of_partition ? place.partition : static_cast<int>(any)});
  });
}

}  // namespace simulation
