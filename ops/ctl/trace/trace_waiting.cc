#include "ops/ctl/trace/trace_waiting.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "ops/ctl/records/record_position.h"

namespace ctl {
namespace {

using Why = WaitingFor::Why;

double SecondsOf(common::WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

common::WallTime TimeOf(double seconds) {
  return common::WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

/// The account's own figure; without accounts, or from an older instance, that of all together.
std::optional<double> OfAccount(const std::optional<std::string>& account,
                                const std::map<std::string, double>& own,
                                const std::optional<double>& all) {
  const auto found = account ? own.find(*account) : own.end();
  return found == own.end() ? all : std::optional(found->second);
}

/// Adds when the breaker is probed next, if the instance tells.
WaitingFor AtBreaker(WaitingFor waiting, const InstanceFacts& instance, const std::string& doubt) {
  const double next = instance.next_probe_seconds.value_or(0);
  if (next > 0) {
    waiting.until = TimeOf(next);
    waiting.detail += ", and is probed next at " + common::FormatRfc3339(*waiting.until);
  }
  waiting.detail += doubt;
  return waiting;
}

const InstanceFacts* FindInstance(const WaitFacts& facts,
                                  const std::function<bool(const InstanceFacts&)>& matches) {
  const auto found = std::find_if(facts.instances.begin(), facts.instances.end(), matches);
  return found == facts.instances.end() ? nullptr : &*found;
}

std::string PlaceOf(const OpenOnTopic& open) {
  return open.topic + " " + ToText(common::RecordPosition{open.partition, open.offset});
}

}  // namespace

std::string_view ToText(Why why) {
  switch (why) {
    case Why::kTransaction:
      return "transaction";
    case Why::kNobodyReads:
      return "nobody_reads";
    case Why::kRestore:
      return "restore";
    case Why::kBreaker:
      return "breaker";
    case Why::kRetryAfter:
      return "retry_after";
    case Why::kHeld:
      return "held";
    case Why::kLag:
      return "lag";
    case Why::kFetching:
      return "fetching";
    case Why::kUnknown:
      return "unknown";
  }
  return "";
}

WaitingFor JudgeWaiting(const TraceEvent& callback, const WaitFacts& facts, common::WallTime now) {
  const common::Partition partition = callback.place.partition;
  const auto because = [&](Why why, std::string detail) {
    return WaitingFor{.why = why, .since = callback.at, .until = {}, .detail = std::move(detail)};
  };
  if (!facts.open.empty()) {
    const OpenOnTopic& open = facts.open.front();
    WaitingFor waiting = because(
        Why::kTransaction, "a transaction" + (open.instance.empty() ? "" : " of " + open.instance) +
                               " is open at " + PlaceOf(open) + "; see `sluicectl transactions`");
    if (open.since) waiting.since = std::max(waiting.since, *open.since);
    return waiting;
  }
  if (facts.is_offset_pending) {
    return because(Why::kTransaction, "a transaction with an offset of partition " +
                                          ToText(partition) +
                                          " is open; see `sluicectl transactions`");
  }
  if (facts.is_group_known && !facts.reader) {
    return because(Why::kNobodyReads,
                   "no member of the group reads partition " + ToText(partition));
  }
  const auto is_some = [](const std::optional<double>& value) { return value.value_or(0) > 0; };
  // An admin port does not say which partitions its instance reads.
  const std::string doubt =
      facts.instances.size() > 1
          ? "; it may not be the one that reads partition " + ToText(partition)
          : "";
  if (const auto* found =
          FindInstance(facts, [&](const auto& one) { return is_some(one.restoring); })) {
    return because(Why::kRestore, "the consumer at " + found->url + " restores partitions" + doubt);
  }
  const auto is_open = [&](const InstanceFacts& one) {
    return is_some(OfAccount(facts.account, one.account_breaker_open, one.breaker_open));
  };
  if (const auto* found = FindInstance(facts, is_open)) {
    const std::string whose = facts.account ? " for the account " + *facts.account : "";
    return AtBreaker(because(Why::kBreaker, "the circuit breaker of the consumer at " + found->url +
                                                whose + " is open: the Assure API fails"),
                     *found, doubt);
  }
  const auto held_until = [&](const InstanceFacts& one) {
    return OfAccount(facts.account, one.account_held_until_seconds, one.held_until_seconds)
        .value_or(0);
  };
  if (const auto* found =
          FindInstance(facts, [&](const auto& one) { return held_until(one) > SecondsOf(now); })) {
    const common::WallTime until = TimeOf(held_until(*found));
    WaitingFor waiting = because(Why::kRetryAfter,
                                 "a Retry-After forbids requests of the consumer at " + found->url +
                                     " until " + common::FormatRfc3339(until) + doubt);
    waiting.until = until;
    return waiting;
  }
  if (const auto* found =
          FindInstance(facts, [&](const auto& one) { return is_some(one.set_aside); })) {
    return because(Why::kHeld, found->url +
                                   " has set callbacks aside: a topic refuses their "
                                   "results");
  }
  if (callback.what == TraceEvent::What::kAnnounced) {
    return because(Why::kUnknown,
                   "it is announced, and neither its callback nor a result has come");
  }
  const std::string reader = facts.reader ? " by " + *facts.reader : "";
  const common::Offset next = std::max(facts.begin, facts.committed.value_or(common::Offset()));
  const std::int64_t before = callback.place.offset - next;
  if (before > 0) {
    return because(Why::kLag, "up to " + std::to_string(before) +
                                  " callbacks before it in partition " + ToText(partition) +
                                  " are not disposed of" + reader);
  }
  if (!facts.is_group_known) return because(Why::kUnknown, "the group is unknown");
  return because(Why::kFetching, "it is the next callback of partition " + ToText(partition) +
                                     " to be disposed of" + reader);
}

Waits JudgeExpected(common::WallTime announced_at, const common::ExpectedSettings& expected,
                    common::WallTime now) {
  if (now >= announced_at + expected.reach()) return Waits::kNo;
  return now >= announced_at + expected.max_wait ? Waits::kIfItCouldNotAsk : Waits::kYes;
}

}  // namespace ctl
