#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

/// The outcome of a redrive.
struct RedriveOutcome {
  bool is_dry_run = false;
  std::int64_t selected = 0;  ///< Letters to be redriven.
  std::int64_t skipped = 0;   ///< Letters that match the filter but were redriven before.
  std::int64_t unsure = 0;    ///< Selected letters that died before `horizon`.
  std::optional<common::WallTime> horizon{};  ///< RedriveHistory::horizon().
  std::int64_t stored = 0;
  std::int64_t failed = 0;
  std::vector<UnstoredRecord> failures{};  ///< The first ones.
  bool is_interrupted = false;
  std::optional<common::Error> error{};  ///< Why it ended early; printed by Run().

  [[nodiscard]] bool IsComplete() const { return !is_interrupted && !error && failed == 0; }
};

void Report(Output& output, const RedriveOutcome& outcome);

}  // namespace ctl
