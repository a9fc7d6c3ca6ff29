#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "consumer/lane/commit_flow.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/intake.h"
#include "consumer/lane/lane_gauges.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/pending_callbacks.h"
#include "consumer/lane/restore_flow.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// The state of a lane's parts at one moment.
struct LaneReading {
  bool is_in_group = false;
  std::size_t partitions = 0;
  std::size_t restoring = 0;
  std::size_t stuck = 0;
  std::chrono::milliseconds since_assigned{};
  std::size_t dedup_keys = 0;
  std::int64_t uncommitted_offsets = 0;
  std::size_t pending = 0;
  std::chrono::milliseconds oldest_age{};  ///< Of the pending ones; 0: there is none.
  std::size_t set_aside = 0;
  std::optional<std::int64_t> lag = {};  ///< Of the partitions.
  std::optional<UnreadPartitions> unread = {};
  std::optional<ForgottenPlaces> forgotten = {};
  std::optional<ExpectedCounts> expected = {};  ///< None: announced processes are not watched.
  std::optional<common::WallTime> next_probe = {};
  std::vector<AccountGauges> accounts = {};
};

/// Decides which of the figures are known: an unknown one is absent (ADR 0018). Pure.
///
///   lag        in the group; with partitions, or with a look that says who reads the others
///   unread     ours to tell; then our lag includes theirs
///   oldest     something is pending, or the lag says that nothing waits unseen
///   forgotten  0 without partitions: a spare instance watches nothing
///   expected   in the group, nothing is being restored, all announcements were read
[[nodiscard]] LaneGauges GaugesOf(const LaneReading& reading);

/// The parts of a lane that are measured.
struct MeasuredParts {
  const Tasks& tasks;
  const PendingCallbacks& pending;
  const CommitFlow& commits;
  const Intake& intake;
  const RestoreFlow& restores;
  Restorer& restorer;
  const Fetcher& fetcher;
  const ExpectedFlow* expected = nullptr;  ///< Null: announced processes are not watched.
  std::size_t accounts = 1;
};
[[nodiscard]] LaneReading Read(const MeasuredParts& parts, bool is_in_group,
                               const std::optional<UnreadPartitions>& unread, const Moment& now);

}  // namespace consumer
