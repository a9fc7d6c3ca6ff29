// Records handled at random, with holes cut into them.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/callback/record_times.h"
#include "tests/unit/ops/ctl/audit_partition.h"

namespace ctl {
namespace {

using common::WallTime;
using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::minutes;

/// The callbacks of a partition and which of them the consumer handles as first deliveries, if it
/// handles them in order and immediately.
struct Handled {
  std::vector<AuditLedger::Callback> callbacks;
  std::vector<std::size_t> firsts;  ///< Indices of the callbacks that are not duplicates.
};

/// Some callbacks are spooled, and some were received long before their record time.
common::RecordTimes TimesAtRandom(std::mt19937& random, WallTime time,
                                  std::chrono::seconds window) {
  common::CallbackFacts facts;
  facts.is_spooled = random() % 3 == 0;
  if (random() % 2 == 0) {
    facts.received_at = time - std::chrono::milliseconds(random() % 36'000'000);
  }
  return common::TimesOf(facts, time, window, hours(48));
}

Handled HandleAtRandom(std::mt19937& random) {
  Handled handled;
  WallTime time = kNoon - hours(12);
  std::vector<std::optional<WallTime>> markers(8);
  for (Offset offset; offset < Offset(40); ++offset) {
    time += std::chrono::milliseconds(random() % 3'000'000);
    if (time >= kNoon + hours(12)) break;
    const auto fact = static_cast<std::size_t>(random() % markers.size());
    const std::chrono::seconds window = minutes(30 + 60 * static_cast<int>(fact));
    const common::Identity is = Fact(static_cast<char>('a' + fact));
    const common::RecordTimes times = TimesAtRandom(random, time, window);
    handled.callbacks.push_back({.offset = offset,
                                 .time = time,
                                 .is = {.identity = is, .fact = is},
                                 .window = window,
                                 .judged_before = time - times.judged_at,
                                 .marked_before = time - times.marked_at});
    if (markers[fact] && times.judged_at - std::chrono::ceil<hours>(*markers[fact]) < window) {
      continue;
    }
    markers[fact] = times.marked_at;
    handled.firsts.push_back(handled.callbacks.size() - 1);
  }
  return handled;
}

/// Judges all records except the marker or the outcome of one first delivery.
AuditJudgement JudgeWithout(const Handled& handled, std::optional<std::size_t> no_marker,
                            std::optional<std::size_t> no_outcome) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  for (const auto& callback : handled.callbacks) ledger.Add(callback);
  for (const std::size_t first : handled.firsts) {
    const auto& callback = handled.callbacks[first];
    if (first != no_marker)
      ledger.AddMarker(callback.is.identity, callback.time - callback.marked_before);
    if (first != no_outcome) {
      ledger.AddOutcome({.callback = callback.offset, .of = callback.is.fact, .at = callback.time});
    }
  }
  return ledger.Judge({});
}

/// Judges two lives of a log, each starting at offset 0. The callbacks of the first life are gone;
/// markers and outcomes of both remain.
AuditJudgement JudgeSecondLife(const Handled& handled, std::size_t second, bool has_deliveries,
                               std::optional<std::size_t> no_outcome) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  const auto offset_of = [&](std::size_t place) {
    return Offset(static_cast<std::int64_t>(place < second ? place : place - second));
  };
  const auto delivery_of = [&](std::size_t place) -> DeliveryId {
    return has_deliveries ? place + 1 : 0;
  };
  for (std::size_t place = second; place < handled.callbacks.size(); ++place) {
    AuditLedger::Callback callback = handled.callbacks[place];
    callback.offset = offset_of(place);
    callback.is.delivery = delivery_of(place);
    ledger.Add(callback);
  }
  for (const std::size_t first : handled.firsts) {
    const auto& callback = handled.callbacks[first];
    ledger.AddMarker(callback.is.identity, callback.time - callback.marked_before);
    if (first == no_outcome) continue;
    ledger.AddOutcome({.callback = offset_of(first),
                       .of = callback.is.fact,
                       .delivery = delivery_of(first),
                       .at = callback.time});
  }
  return ledger.Judge({});
}

TEST(AuditLedger, FindsExactlyTheHolesOfASecondLog) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 600; ++run) {
    const Handled handled = HandleAtRandom(random);
    const std::size_t second = random() % handled.callbacks.size();
    const bool has_deliveries = run % 2 == 0;
    const AuditJudgement whole = JudgeSecondLife(handled, second, has_deliveries, {});
    ASSERT_TRUE(whole.findings.empty()) << Describe(whole);
    std::vector<std::size_t> firsts;
    for (const std::size_t first : handled.firsts) {
      if (first >= second) firsts.push_back(first);
    }
    if (firsts.empty()) continue;
    const std::size_t cut = firsts[random() % firsts.size()];
    const AuditJudgement holed = JudgeSecondLife(handled, second, has_deliveries, cut);
    ASSERT_EQ(holed.findings.size(), 1U) << Describe(holed);
    ASSERT_EQ(
        holed.findings[0],
        (AuditFinding{AuditFault::kNoResult, Offset(static_cast<std::int64_t>(cut - second)), {}}));
  }
}

TEST(AuditLedger, FindsExactlyTheHolesCutIntoHandledRecords) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 300; ++run) {
    const Handled handled = HandleAtRandom(random);
    if (handled.firsts.empty()) continue;
    const AuditJudgement whole = JudgeWithout(handled, {}, {});
    ASSERT_TRUE(whole.findings.empty()) << Describe(whole);
    ASSERT_EQ(whole.disposed_of, handled.firsts.size());
    ASSERT_EQ(whole.duplicates, handled.callbacks.size() - handled.firsts.size());

    const std::size_t cut = handled.firsts[random() % handled.firsts.size()];
    const Offset offset = handled.callbacks[cut].offset;
    const AuditJudgement no_result = JudgeWithout(handled, {}, cut);
    ASSERT_EQ(no_result.findings.size(), 1U) << Describe(no_result);
    ASSERT_EQ(no_result.findings[0], (AuditFinding{AuditFault::kNoResult, offset, {}}));
    const AuditJudgement neither = JudgeWithout(handled, cut, cut);
    // The marker of a later first delivery covers the cut one, too.
    const bool is_followed =
        std::any_of(handled.firsts.begin(), handled.firsts.end(), [&](std::size_t other) {
          return other > cut &&
                 handled.callbacks[other].is.identity == handled.callbacks[cut].is.identity;
        });
    ASSERT_EQ(neither.findings.empty(), is_followed) << Describe(neither);
  }
}

}  // namespace
}  // namespace ctl
