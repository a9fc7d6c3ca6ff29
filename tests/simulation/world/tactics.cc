#include "tests/simulation/world/tactics.h"

#include <array>

namespace simulation {
namespace {

using std::chrono::milliseconds;
using Actions = std::vector<Action>;

template <typename Value, std::size_t kSize>
Value AnyOf(Random& random, const std::array<Value, kSize>& values) {
  return values.at(random.Below(kSize));
}

/// So that there is something to commit.
void AddTraffic(Random& random, milliseconds at, Actions& actions) {
  const int number = 2 + static_cast<int>(random.Below(6));
  actions.push_back({.at = at - milliseconds(50), .kind = Kind::kArrive, .number = number});
}

/// Makes forgotten transactions show.
void AddRedeliveries(Random& random, milliseconds from, Actions& actions) {
  for (int i = 0; i < 3; ++i) {
    actions.push_back({.at = from + Between(random, 0, 12'000),
                       .kind = Kind::kRedeliver,
                       .number = 1 + static_cast<int>(random.Below(4))});
  }
}

/// Bits of kForget.
int AnyForgetting(Random& random) { return 1 + static_cast<int>(random.Below(31)); }
constexpr int kOfAborted = 32;
/// More records than a log has.
constexpr int kWholeLog = 1'000;

// A batch is on its way when its partitions change hands, or must be restored: it may come through
// only if nobody has gone on without it.
Actions Zombie(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  const Aim aim =
      AnyOf(random, std::array{Aim::kAddPartitions, Aim::kAddPartitions, Aim::kProduce});
  actions.push_back(
      {.at = at,
       .kind = Kind::kHold,
       .span = random.Chance(0.5) ? Between(random, 10'500, 14'500) : Between(random, 2'000, 9'000),
       .aim = aim});
  const Kind loss = AnyOf(random, std::array{Kind::kEvict, Kind::kEvict, Kind::kDeaf, Kind::kDeaf,
                                             Kind::kTruncate, Kind::kFreeze, Kind::kRecreate});
  actions.push_back({.at = at,
                     .kind = loss,
                     .target = random.Next(),
                     .span = Between(random, 9'500, 13'000),
                     .number = 1 + static_cast<int>(random.Below(3)),
                     .aim = aim,
                     .is_at_once = true});
  AddRedeliveries(random, at + milliseconds(500), actions);
  return actions;
}

// The end of a transaction is carried out, and the one who asked for it never hears of it.
Actions LostEnd(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back({.at = at, .kind = Kind::kLoseAnswer, .aim = Aim::kCommit});
  actions.push_back(
      {.at = at,
       .kind = Kind::kLeaderGone,
       .span = random.Chance(0.7) ? Between(random, 15'000, 25'000) : Between(random, 500, 15'000),
       .aim = Aim::kCommit});
  return actions;
}

// An end comes after the producer has gone on.
Actions LateEnd(Random& random, milliseconds at) {
  Actions actions;
  const Aim aim = AnyOf(random, std::array{Aim::kCommit, Aim::kCommit, Aim::kAbort});
  actions.push_back(
      {.at = at, .kind = Kind::kLate, .span = Between(random, 20, 2'000), .aim = aim});
  for (int i = 0; i < 4; ++i) {
    AddTraffic(random, at + milliseconds(300 * i + 50), actions);
  }
  if (random.Chance(0.5)) {
    actions.push_back({.at = at + milliseconds(100), .kind = Kind::kRefuse, .aim = Aim::kOffsets});
  }
  return actions;
}

// A transaction is aborted, Kafka forgets that in some places, and the batch comes again.
Actions Torn(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back(
      {.at = at, .kind = Kind::kForget, .number = AnyForgetting(random) + kOfAborted});
  actions.push_back({.at = at,
                     .kind = Kind::kRefuse,
                     .aim = AnyOf(random, std::array{Aim::kOffsets, Aim::kProduce})});
  AddTraffic(random, at + Between(random, 100, 3'000), actions);
  return actions;
}

// An instance dies within a transaction, and Kafka forgets in some places how that has ended.
Actions Orphan(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back({.at = at,
                     .kind = Kind::kForget,
                     .number = AnyForgetting(random) + (random.Chance(0.6) ? kOfAborted : 0)});
  actions.push_back({.at = at,
                     .kind = AnyOf(random, std::array{Kind::kCrash, Kind::kCrash, Kind::kEvict}),
                     .span = Between(random, 50, 3'000),
                     .aim = AnyOf(random, std::array{Aim::kOffsets, Aim::kOffsets, Aim::kProduce,
                                                     Aim::kCommit})});
  for (int i = 0; i < 4; ++i) {
    AddTraffic(random, at + Between(random, 100, 15'000), actions);
  }
  return actions;
}

// Control records come late, and meanwhile the partitions change hands.
Actions SlowMarkers(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back({.at = at, .kind = Kind::kMarkersSlow, .span = Between(random, 3'000, 10'000)});
  for (int i = 0; i < 2; ++i) {
    actions.push_back(
        {.at = at + milliseconds(1'500 * i),
         .kind = AnyOf(random, std::array{Kind::kEvict, Kind::kEvict, Kind::kCrash}),
         .span = Between(random, 50, 2'000),
         .aim = AnyOf(random, std::array{Aim::kCommit, Aim::kCommit, Aim::kOffsets})});
  }
  AddRedeliveries(random, at, actions);
  return actions;
}

// A thread stands still between the end of its batch and the question who it is; meanwhile the
// group goes on without it.
Actions Stall(Random& random, milliseconds at) {
  Actions actions;
  const int number = 2 + static_cast<int>(random.Below(6));
  for (int i = 0; i < 5; ++i) {
    actions.push_back({.at = at + milliseconds(150 * i), .kind = Kind::kArrive, .number = number});
  }
  actions.push_back({.at = at + Between(random, 100, 600),
                     .kind = Kind::kScale,
                     .target = random.Next(),
                     .span = Between(random, 80'000, 120'000)});
  actions.push_back(
      {.at = at, .kind = Kind::kStall, .span = Between(random, 61'500, 75'000), .aim = Aim::kJoin});
  return actions;
}

// One partition of one topic stands still for long, and an instance begins anew.
Actions StandStill(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back({.at = at,
                     .kind = Kind::kLeaderGone,
                     .target = random.Next(),
                     .span = Between(random, 10'000, 130'000)});
  actions.push_back({.at = at + milliseconds(100),
                     .kind = AnyOf(random, std::array{Kind::kCrash, Kind::kEvict}),
                     .target = random.Next(),
                     .span = Between(random, 50, 2'000)});
  AddTraffic(random, at + milliseconds(3'000), actions);
  return actions;
}

// The log of `callbacks` loses records, at any moment of reading, writing or restoring.
Actions LogLife(Random& random, milliseconds at) {
  Actions actions;
  const Kind kind = AnyOf(random, std::array{Kind::kTruncate, Kind::kTruncate, Kind::kExpire,
                                             Kind::kExpire, Kind::kRecreate});
  const Aim aim = AnyOf(random, std::array{Aim::kNone, Aim::kFetch, Aim::kProduce, Aim::kOffsets,
                                           Aim::kCommit, Aim::kFetchOffsets});
  if (random.Chance(0.4)) {
    actions.push_back(
        {.at = at - milliseconds(100),
         .kind = AnyOf(random, std::array{Kind::kCrash, Kind::kEvict, Kind::kApiDown}),
         .target = random.Next(),
         .span = Between(random, 50, 9'000)});
  }
  AddTraffic(random, at, actions);
  actions.push_back({.at = at,
                     .kind = kind,
                     .target = random.Next(),
                     .number = 1 + static_cast<int>(random.Below(12)),
                     .aim = aim});
  if (random.Chance(0.7)) {
    AddTraffic(random, at + Between(random, 200, 8'000), actions);
    AddRedeliveries(random, at, actions);
  }
  return actions;
}

// The group grows, shrinks and grows again, faster than a restore takes.
Actions Restless(Random& random, milliseconds at) {
  Actions actions;
  for (int i = 0; i < 4; ++i) {
    const milliseconds when = at + Between(random, 0, 4'000);
    AddTraffic(random, when, actions);
    actions.push_back({.at = when,
                       .kind = AnyOf(random, std::array{Kind::kEvict, Kind::kScale}),
                       .target = random.Next(),
                       .span = Between(random, 1'000, 30'000)});
  }
  AddRedeliveries(random, at, actions);
  return actions;
}

}  // namespace

milliseconds Between(Random& random, int low_ms, int high_ms) {
  return std::chrono::duration_cast<milliseconds>(
      random.Between(milliseconds(low_ms), milliseconds(high_ms)));
}

Actions TornOffsets(Random& random, milliseconds at) {
  Actions actions;
  AddTraffic(random, at, actions);
  actions.push_back({.at = at,
                     .kind = Kind::kForget,
                     .number = AnyOf(random, std::array{4, 4, 5, 6, 7}) + kOfAborted});
  actions.push_back({.at = at,
                     .kind = Kind::kScale,
                     .target = random.Next(),
                     .span = Between(random, 20'000, 60'000),
                     .aim = Aim::kAddPartitions});
  actions.push_back(
      {.at = at, .kind = Kind::kHold, .span = Between(random, 1'000, 2'900), .aim = Aim::kOffsets});
  actions.push_back({.at = at, .kind = Kind::kRefuseAgain, .aim = Aim::kOffsets});
  for (int i = 0; i < 3; ++i) {
    AddTraffic(random, at + Between(random, 2'500, 8'000), actions);
  }
  return actions;
}

Actions TornRestart(Random& random, milliseconds at) {
  Actions actions;
  actions.push_back({.at = at - milliseconds(50),
                     .kind = Kind::kArrive,
                     .number = 1 + static_cast<int>(random.Below(2))});
  const int first = AnyOf(random, std::array{4, 4, 5, 6, 7, 15}) + kOfAborted;
  actions.push_back({.at = at, .kind = Kind::kForget, .number = first});
  actions.push_back({.at = at, .kind = Kind::kForget, .number = 4 + kOfAborted});
  if (random.Chance(0.7)) {
    actions.push_back({.at = at, .kind = Kind::kRefuse, .aim = Aim::kCommit});
  } else {
    actions.push_back({.at = at, .kind = Kind::kRefuseAgain, .aim = Aim::kOffsets});
  }
  actions.push_back(
      {.at = at,
       .kind = Kind::kCrash,
       .span = random.Chance(0.7) ? Between(random, 50, 3'000) : Between(random, 9'000, 14'000),
       .aim = Aim::kAbort});
  for (int i = 0; i < 4; ++i) {
    AddTraffic(random, at + Between(random, 1'000, 20'000), actions);
  }
  return actions;
}

// One result is refused. Redeliveries come until its batch closes: what the last of them brings is
// in no later one.
Actions LastDuplicates(Random& random, milliseconds at) {
  Actions actions{{.at = at,
                   .kind = Kind::kArrive,
                   .number = random.Chance(0.7) ? -1 : 1 + static_cast<int>(random.Below(3))}};
  for (int i = 0; i < 3; ++i) {
    actions.push_back({.at = at + Between(random, 0, 120),
                       .kind = Kind::kRedeliver,
                       .number = 1 + static_cast<int>(random.Below(2))});
  }
  return actions;
}

// A batch of one partition is aborted, and that takes so long that the partition changes hands
// before the batch can come again. The instance that starts aborts something itself meanwhile: its
// trial of a former life's offsets.
Actions TornAndMoved(Random& random, milliseconds at) {
  Actions actions{
      {.at = at - milliseconds(50), .kind = Kind::kArrive, .number = 1},
      {.at = at, .kind = Kind::kForget, .number = 4 + kOfAborted},
      {.at = at, .kind = Kind::kForget, .number = 4 + kOfAborted},
      {.at = at,
       .kind = Kind::kScale,
       .target = random.Next(),
       .span = Between(random, 20'000, 60'000),
       .aim = Aim::kOffsets,
       .is_at_once = true},
      {.at = at, .kind = Kind::kRefuse, .aim = Aim::kCommit},
      {.at = at, .kind = Kind::kHold, .span = Between(random, 1'500, 2'900), .aim = Aim::kAbort}};
  for (int i = 0; i < 4; ++i) {
    AddTraffic(random, at + Between(random, 4'000, 12'000), actions);
  }
  return actions;
}

// Before a leader is back, the log has grown beyond what it lost. The lane reads on there, commits,
// and loses the partition before its next look.
Actions RegrownAndLost(Random& random, milliseconds at) {
  return {{.at = at - milliseconds(3'000),
           .kind = Kind::kArrive,
           .number = 3 + static_cast<int>(random.Below(8))},
          {.at = at,
           .kind = AnyOf(random, std::array{Kind::kTruncate, Kind::kTruncate, Kind::kRecreate}),
           .target = random.Next(),
           .number = 1 + static_cast<int>(random.Below(4))},
          {.at = at + Between(random, 200, 1'800),
           .kind = Kind::kArrive,
           .number = 15 + static_cast<int>(random.Below(25))},
          {.at = at + milliseconds(1'950),
           .kind = AnyOf(random, std::array{Kind::kEvict, Kind::kEvict, Kind::kCrash}),
           .target = random.Next(),
           .span = Between(random, 50, 12'000),
           .aim = AnyOf(random, std::array{Aim::kCommit, Aim::kCommit, Aim::kAddPartitions}),
           .is_at_once = false}};
}

// Callbacks are due after eight seconds. What is to be asked, is answered or published then meets
// the fault.
Actions Announced(Random& random, milliseconds at) {
  Actions actions{{.at = at,
                   .kind = Kind::kAnnounce,
                   .target = random.Next(),
                   .number = 1 + static_cast<int>(random.Below(5))}};
  const milliseconds due = at + Between(random, 7'800, 10'500);
  const Aim aim = AnyOf(random, std::array{Aim::kAddPartitions, Aim::kProduce, Aim::kOffsets,
                                           Aim::kCommit, Aim::kCommit});
  switch (random.Below(8)) {
    case 0:  // A zombie's result.
      actions.push_back({.at = due,
                         .kind = Kind::kHold,
                         .span = Between(random, 2'000, 14'500),
                         .aim = Aim::kAddPartitions});
      actions.push_back(
          {.at = due,
           .kind = AnyOf(random, std::array{Kind::kEvict, Kind::kFreeze, Kind::kDeaf}),
           .target = random.Next(),
           .span = Between(random, 9'500, 13'000),
           .aim = Aim::kAddPartitions,
           .is_at_once = true});
      break;
    case 1:  // A result whose end nobody hears of.
      actions.push_back({.at = due, .kind = Kind::kLoseAnswer, .aim = Aim::kCommit});
      actions.push_back({.at = due,
                         .kind = Kind::kLeaderGone,
                         .span = Between(random, 500, 25'000),
                         .aim = Aim::kCommit});
      break;
    case 2:  // Nobody can be asked.
      actions.push_back({.at = due - milliseconds(2'000),
                         .kind = Kind::kApiDown,
                         .span = Between(random, 1'000, 20'000)});
      break;
    case 3:  // Our own backlog is the reason.
      actions.push_back({.at = at + milliseconds(500),
                         .kind = Kind::kArrive,
                         .target = random.Next(),
                         .number = 40});
      actions.push_back({.at = at + milliseconds(600),
                         .kind = Kind::kApiBad,
                         .span = Between(random, 5'000, 15'000)});
      break;
    case 4:  // The partitions change hands, twice.
      for (int i = 0; i < 2; ++i) {
        actions.push_back({.at = due + milliseconds(1'500 * i),
                           .kind = AnyOf(random, std::array{Kind::kEvict, Kind::kCrash}),
                           .target = random.Next(),
                           .span = Between(random, 50, 3'000),
                           .aim = aim});
      }
      break;
    case 5:  // Nobody reads callbacks when the look is due.
      actions.push_back({.at = at + Between(random, 100, 2'000),
                         .kind = Kind::kCrash,
                         .target = random.Next(),
                         .span = Between(random, 6'000, 12'000)});
      break;
    default:
      break;
  }
  return actions;
}

// The last records read are fetched when the log loses its end, or all that it has; or they have
// just been written. It has grown beyond them before a leader is back, so that nobody sees it
// shorter.
Actions ExpectedRegrowth(Random& random, milliseconds at) {
  Actions actions;
  const auto announce = [&](milliseconds when, int number) {
    actions.push_back(
        {.at = when, .kind = Kind::kAnnounce, .target = random.Next(), .number = number});
  };
  announce(at - milliseconds(100), 6 + static_cast<int>(random.Below(12)));
  const bool is_within_pass = random.Chance(0.6);
  const bool is_whole = random.Chance(0.4);
  actions.push_back({.at = is_within_pass ? at : at + Between(random, 2'500, 4'000),
                     .kind = Kind::kTruncateExpected,
                     .target = random.Next(),
                     .number = is_whole ? kWholeLog : 1 + static_cast<int>(random.Below(9)),
                     .aim = is_within_pass ? Aim::kFetch : Aim::kNone});
  announce(at + milliseconds(is_within_pass ? 2'100 : 4'500),
           30 + static_cast<int>(random.Below(30)));
  return actions;
}

// A fetch has been answered when its process stands still. Meanwhile the log loses what is in the
// answer and grows beyond it: the process takes what is no more, and would go on behind it.
Actions FrozenBesideCut(Random& random, milliseconds at) {
  Actions actions;
  actions.push_back(
      {.at = at, .kind = Kind::kArrive, .number = 2 + static_cast<int>(random.Below(8))});
  actions.push_back(
      {.at = at, .kind = Kind::kFreeze, .span = Between(random, 5'000, 9'500), .aim = Aim::kFetch});
  actions.push_back({.at = at + Between(random, 120, 1'000),
                     .kind = Kind::kTruncate,
                     .target = random.Next(),
                     .number = 1 + static_cast<int>(random.Below(6))});
  actions.push_back({.at = at + Between(random, 1'000, 4'000),
                     .kind = Kind::kArrive,
                     .number = 4 + static_cast<int>(random.Below(16))});
  return actions;
}

Actions ExpectedLife(Random& random, milliseconds at) {
  if (random.Chance(0.5)) return ExpectedRegrowth(random, at);
  Actions actions;
  const auto announce = [&](milliseconds when) {
    actions.push_back({.at = when,
                       .kind = Kind::kAnnounce,
                       .target = random.Next(),
                       .number = 1 + static_cast<int>(random.Below(8))});
  };
  announce(at - Between(random, 0, 3'000));
  actions.push_back({.at = at,
                     .kind = Kind::kTruncateExpected,
                     .target = random.Next(),
                     .number = 1 + static_cast<int>(random.Below(6))});
  const auto bursts = 1 + random.Below(4);
  for (std::uint64_t i = 0; i < bursts; ++i) announce(at + Between(random, 50, 12'000));
  return actions;
}

const std::vector<Tactic>& Tactics() {
  static const std::vector<Tactic> tactics = {Zombie,      LostEnd, LateEnd,    Torn,    Orphan,
                                              SlowMarkers, Stall,   StandStill, LogLife, Restless};
  return tactics;
}

}  // namespace simulation
