#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/fetch_effort.h"
#include "common/domain/identity.h"
#include "common/domain/marker.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/batch_cut.h"
#include "consumer/lane/records.h"

namespace consumer {

/// Why a completion waits: its place refuses everything, an earlier callback of its process is set
/// aside, or its own record is refused. Other completions may wait for the first two.
struct HoldKey {
  Place place;
  std::optional<std::string> process = std::nullopt;  ///< Key of the waiting results.
  JobId id = 0;  ///< Of a completion that waits alone; 0: none.
  friend auto operator<=>(const HoldKey&, const HoldKey&) = default;

  [[nodiscard]] bool is_place() const { return !process && id == 0; }
};

/// A callback whose result or dead letter is ready, or an ignored event, which has neither; or a
/// reconciled process, whose result has no callback.
struct Completion {
  JobId id = 0;
  Partition partition{};
  std::optional<Offset> offset = {};  ///< Of its callback. None: it is reconciled.
  common::Identity identity;
  std::optional<common::Identity> event = {};  ///< A second marker's.
  std::vector<common::Identity> more = {};  ///< Of further markers, see common/domain/reconciled.h.
  common::WallTime marked_at{};             ///< Time of its markers.
  std::uint32_t key_hash = 0;  ///< Murmur2 of the callback's key, or of the key it would have.
  common::MarkerOutcome outcome = common::MarkerOutcome::kPublished;
  bool is_fetched = true;      ///< False: the event itself is the result.
  bool is_reconciled = false;  ///< No record of `callbacks` stands behind it: no offset moves.
  common::FetchEffort effort = {};
  OutgoingRecord record = {};  ///< Moved into the batch when the batch is closed.
  /// The hold for which this set-aside completion is being retried.
  std::optional<HoldKey> tries = {};

  [[nodiscard]] bool has_record() const { return outcome != common::MarkerOutcome::kIgnored; }
  /// Its records in a batch, in this order: result or dead letter if it has one, marker, the
  /// event's marker if it has one, and further markers.
  [[nodiscard]] std::size_t records() const {
    return (has_record() ? 1U : 0U) + (event ? 2U : 1U) + more.size();
  }
};

}  // namespace consumer
