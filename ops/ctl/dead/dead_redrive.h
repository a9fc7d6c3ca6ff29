#pragma once

#include <stop_token>

#include "common/base/result.h"
#include "ops/ctl/dead/dead_filter.h"
#include "ops/ctl/dead/dead_outcome.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

struct RedriveOptions {
  DeadFilter filter;
  bool is_dry_run = false;
  bool is_again = false;  ///< Also letters that were redriven before.
  int per_second = 0;     ///< 0: no limit.
};

/// Errors: kReject; also if no option selects some letters and --all is absent.
[[nodiscard]] common::Result<RedriveOptions> ReadRedriveOptions(const Arguments& arguments);

/// Puts the letters of the filter back on `callbacks`. A dry run only prints them, to a person.
/// A stop ends it early; RedriveOutcome tells, like a failure after the first letter.
/// Errors: those of RedriveHistory and RecordProducer, before any letter is sent.
[[nodiscard]] common::Result<RedriveOutcome> Redrive(const ClusterSettings& settings,
                                                     const RedriveOptions& options, Output& output,
                                                     const std::stop_token& stop);

}  // namespace ctl
