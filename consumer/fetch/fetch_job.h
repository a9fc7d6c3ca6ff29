#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/base/rfc3339.h"
#include "common/domain/dead_letter.h"
#include "common/domain/fetch_effort.h"
#include "common/domain/ids.h"
#include "consumer/fetch/account.h"
#include "consumer/policy/reaction.h"

namespace consumer {

/// Chosen by the lane, unique among the jobs in hand, ascending by arrival.
using JobId = std::uint64_t;

/// One callback whose process or dossier, or both, must be fetched; or one look at a process whose
/// callback has not come.
struct FetchJob {
  JobId id = 0;
  common::DossierId dossier;  ///< Normalised.
  common::ProcessId process;  ///< Normalised. Jobs of one process run one after the other.
  /// True if the callback's own status is final: then `pending` from the API is retried.
  bool is_final = true;
  /// A callback that came later was published before the partition was restored.
  bool is_overtaken = false;
  /// A look: asks for the process first, and ends with the first answer. If the process is
  /// finished, its dossier is fetched as usual.
  bool is_look = false;
  AccountIndex account = kAssureAccount;  ///< Whose client asks for it.
};

struct Fetched {
  /// JSON in its published form. None: not wanted.
  std::optional<std::string> process;
  std::optional<std::string> dossier;  ///< None: not wanted, or cannot be fetched.
  common::WallTime fetched_at{};
  /// Of a look: the process's own status and the time of its last change.
  std::optional<std::string> status = {};
  std::optional<common::WallTime> updated_at = {};
};

/// A look that has not found a finished process.
struct NotFinished {
  Reaction why = Reaction::kRetry;  ///< kAwait: it is not finished. Otherwise: no document.
};

struct Unfetchable {
  common::DeadReason reason = common::DeadReason::kTooOld;
  int http_status = 0;   ///< Of the last answer; 0 without one.
  std::string trace_id;  ///< From the API's error body; empty if it has none.
};

using FetchOutcome = std::variant<Fetched, Unfetchable, NotFinished>;

/// How a job ended.
struct FetchResult {
  JobId id = 0;
  common::FetchEffort effort = {};
  FetchOutcome outcome;
};

}  // namespace consumer
