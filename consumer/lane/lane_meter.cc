#include "consumer/lane/lane_meter.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;

milliseconds Rounded(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<milliseconds>(time);
}

/// When the next probe of an open breaker is due.
std::optional<common::WallTime> NextProbe(const Fetcher& fetcher, const Moment& now) {
  const auto due = fetcher.NextProbe(now.steady);
  return due ? std::optional(now.wall + Rounded(*due - now.steady)) : std::nullopt;
}

std::vector<AccountGauges> ReadAccounts(const MeasuredParts& parts) {
  std::vector<AccountGauges> accounts;
  if (parts.accounts <= 1) return accounts;
  for (AccountIndex account = 0; account < parts.accounts; ++account) {
    AccountGauges gauges{.pending = parts.pending.Of(account).callbacks};
    for (const auto& [partition, task] : parts.tasks) {
      const auto found = task.passed_over().find(account);
      if (found != task.passed_over().end()) gauges.passed_over += found->second.count;
    }
    accounts.push_back(gauges);
  }
  return accounts;
}

}  // namespace

LaneReading Read(const MeasuredParts& parts, bool is_in_group,
                 const std::optional<UnreadPartitions>& unread, const Moment& now) {
  LaneReading reading{.is_in_group = is_in_group,
                      .partitions = parts.tasks.size(),
                      .stuck = parts.restorer.Stuck().size(),
                      .since_assigned = Rounded(now.steady - parts.restores.began_at()),
                      .pending = parts.pending.size(),
                      .oldest_age = Rounded(parts.pending.OldestAge(now.steady)),
                      .set_aside = parts.commits.outbox().set_aside().size(),
                      .lag = parts.intake.Lag(parts.tasks, now.steady),
                      .unread = unread,
                      .forgotten = parts.restorer.Forgotten(),
                      .next_probe = NextProbe(parts.fetcher, now),
                      .accounts = ReadAccounts(parts)};
  for (const auto& [partition, task] : parts.tasks) {
    reading.dedup_keys += task.dedup_keys();
    reading.uncommitted_offsets += task.span();
    if (task.state() == Task::State::kRestoring) ++reading.restoring;
  }
  if (parts.expected != nullptr) reading.expected = parts.expected->Count(now);
  return reading;
}

LaneGauges GaugesOf(const LaneReading& reading) {
  LaneGauges gauges{.pending = reading.pending,
                    .set_aside = reading.set_aside,
                    .dedup_keys = reading.dedup_keys,
                    .uncommitted_offsets = reading.uncommitted_offsets,
                    .partitions = reading.partitions,
                    .restoring = reading.restoring,
                    .stuck = reading.stuck,
                    .next_probe = reading.next_probe,
                    .forgotten = reading.forgotten,
                    .accounts = reading.accounts};
  const bool is_spare = reading.partitions == 0;
  if (reading.is_in_group && !(is_spare && !reading.unread)) gauges.lag = reading.lag;
  if (reading.unread && reading.unread->is_ours_to_tell) {
    gauges.unread = reading.unread->count;
    if (gauges.lag && reading.unread->lag) {
      *gauges.lag += *reading.unread->lag;
    } else {
      gauges.lag.reset();
    }
  }
  if (gauges.pending > 0 || gauges.lag) gauges.oldest_pending_age = reading.oldest_age;
  if (is_spare && reading.is_in_group) gauges.forgotten = ForgottenPlaces();
  if (reading.restoring > 0) gauges.restoring_for = reading.since_assigned;
  if (!reading.expected) return gauges;
  gauges.expected_read_age = reading.expected->read_age;
  gauges.expected_due_age = reading.expected->due_age;
  // The outstanding processes of a partition are unknown while it is restored, and until its
  // announcements were read.
  if (!reading.is_in_group || reading.restoring > 0 || !reading.expected->is_whole) return gauges;
  gauges.expected_waiting = reading.expected->waiting;
  gauges.expected_due = reading.expected->due;
  return gauges;
}

}  // namespace consumer
