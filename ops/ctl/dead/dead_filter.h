#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/dead_letter.h"
#include "common/domain/provider_rules.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// Which dead letters; what is absent is true of all.
struct DeadFilter {
  std::optional<common::DeadReason> reason;
  std::optional<std::string> provider;  ///< A row's name or alias, or what the record says.
  std::optional<std::string> id;        ///< Normalised: dossierId, processId or key.
  std::optional<common::WallTime> from;
  std::optional<common::WallTime> to;  ///< Exclusive.

  [[nodiscard]] bool IsEmpty() const { return !reason && !provider && !id && !from && !to; }
};

/// The options that ReadDeadFilter() reads.
[[nodiscard]] std::vector<OptionSpec> DeadFilterOptions();

/// Errors: kReject for a reason that there is not, an empty id, what is no time, or an end that is
/// not after the start.
[[nodiscard]] common::Result<DeadFilter> ReadDeadFilter(const Arguments& arguments);

/// `unknown` stands for every letter that no row knows. A name that is in no row stands for the
/// letters that say so themselves.
[[nodiscard]] bool Matches(const DeadFilter& filter, const DeadSummary& letter,
                           const common::ProviderTable& providers);

}  // namespace ctl
