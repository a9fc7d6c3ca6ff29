#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "ops/ctl/dead/dead_outcome.h"
#include "ops/ctl/dead/dead_redrive.h"
#include "ops/ctl/serve/letters_to_redrive.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

/// Redrives letters that the page names: once after each dry run, and only the letters of the last
/// dry run. A dry run counts if it has looked at all its letters, also if some cannot be redriven.
///
/// Threads: any.
class RehearsedRedrive {
 public:
  /// As ctl::Redrive().
  using Redrive = std::function<common::Result<RedriveOutcome>(
      const RedriveOptions& options, Output& output, const std::stop_token& stop)>;

  explicit RehearsedRedrive(Redrive redrive) : redrive_(std::move(redrive)) {}

  /// `body`: see ReadLettersToRedrive(). Returns the report of `dead redrive --json`.
  /// Errors: kReject for another body, or without a dry run of the same letters; kRetry for a dry
  ///         run that was stopped; an error before the first letter was sent. A redrive that ends
  ///         early has a report, because letters may be on `callbacks`.
  common::Result<std::string> Answer(std::string_view body, const std::stop_token& stop);

 private:
  void Remember(Letters letters);
  /// True once after a dry run, so that two clicks are one redrive.
  bool TakeRehearsal(const Letters& letters);

  const Redrive redrive_;
  common::Guarded<std::optional<Letters>> rehearsed_;  ///< The letters of the last dry run.
};

}  // namespace ctl
