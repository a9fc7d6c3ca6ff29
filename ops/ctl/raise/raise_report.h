#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "ops/ctl/raise/raise_plan.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

/// The findings, and the work that was done unless it is a dry run.
struct RaiseOutcome {
  RaisePlan plan;
  bool is_dry_run = false;
  RaiseRefusals refusals = {};
  struct Sum {
    std::int64_t all = 0;
    std::int64_t to_copy = 0;
  };
  Sum markers = {};
  std::optional<common::WallTime> markers_from = {};  ///< Their record time.
  Sum announcements = {};
  std::int64_t forgotten = 0;            ///< Markers that do not say where they belong.
  std::int64_t forgotten_callbacks = 0;  ///< Callbacks that wait in their old place.
  std::int64_t misplaced = 0;            ///< Callbacks that came with the old number meanwhile.
  bool is_complete = false;              ///< All partitions were added, all copies made.

  /// 0: done, nothing to do, or a dry run that would do it; 3: refused; 1: not all is well.
  [[nodiscard]] int status() const;
};

/// Prints the findings and the work; refusals go to `err`.
void Report(Output& output, const RaiseOutcome& outcome);

}  // namespace ctl
