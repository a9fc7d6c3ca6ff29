#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/dead_letter.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_position.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// A set of conditions on dead letters; an absent one matches every letter.
struct DeadFilter {
  std::optional<common::DeadReason> reason;
  std::optional<std::string> provider;  ///< A row's name or alias, or the name in the record.
  std::optional<std::string> id;        ///< Normalised: dossierId, processId or key.
  std::optional<common::WallTime> from;
  std::optional<common::WallTime> to;  ///< Exclusive.
  std::optional<std::set<common::RecordPosition>> places;

  [[nodiscard]] bool IsEmpty() const {
    return !reason && !provider && !id && !from && !to && !places;
  }
};

/// The options that ReadDeadFilter() reads.
[[nodiscard]] std::vector<OptionSpec> DeadFilterOptions();

/// Errors: kReject for an unknown reason, an empty id, an invalid time, or an end that is not after
///         the start.
[[nodiscard]] common::Result<DeadFilter> ReadDeadFilter(const Arguments& arguments);

/// The provider `unknown` matches every letter whose provider has no row. A name without a row
/// matches the letters whose record carries that name.
[[nodiscard]] bool Matches(const DeadFilter& filter, const DeadSummary& letter,
                           const common::ProviderTable& providers);

}  // namespace ctl
