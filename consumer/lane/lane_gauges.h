#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/rfc3339.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// What an account has in a lane.
struct AccountGauges {
  std::size_t pending = 0;  ///< In hand.
  /// In Kafka, because there is no room for them.
  std::size_t passed_over = 0;
};

/// The state of the lane at one moment.
struct LaneGauges {
  std::size_t pending = 0;
  /// None: unknown, because nothing is in hand and Kafka does not tell what waits there.
  std::optional<std::chrono::milliseconds> oldest_pending_age = {};
  std::optional<std::int64_t> lag = {};  ///< None: unknown.
  /// Partitions that no member of the group has. None: unknown, or another member reports them.
  std::optional<std::size_t> unread = {};
  std::size_t set_aside = 0;  ///< Of the pending ones.
  std::size_t dedup_keys = 0;
  std::int64_t uncommitted_offsets = 0;  ///< Above the low-water marks: read again after a crash.
  std::size_t partitions = 0;
  std::size_t restoring = 0;  ///< Of the partitions; includes the stuck ones.
  std::size_t stuck = 0;
  /// When the breaker's next probe is due. None: it is closed, or a probe is under way.
  std::optional<common::WallTime> next_probe = {};
  /// Partitions of the topics with a forgotten transaction. None: unknown.
  std::optional<ForgottenPlaces> forgotten = {};
  /// Announced processes. None: they are not watched, or not all announcements were read yet.
  std::optional<std::size_t> expected_waiting = {};
  std::optional<std::size_t> expected_due = {};
  /// See ExpectedCounts. None: no partition is watched.
  std::optional<std::chrono::milliseconds> expected_read_age = {};
  /// None: they are not watched.
  std::optional<std::chrono::milliseconds> expected_due_age = {};
  std::chrono::milliseconds
      restoring_for{};                       ///< Since the assignment; zero if nothing is restored.
  std::vector<AccountGauges> accounts = {};  ///< Empty if there is only one.
};

}  // namespace consumer
