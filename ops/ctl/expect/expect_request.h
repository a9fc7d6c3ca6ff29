#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/domain/expected_process.h"
#include "common/domain/ids.h"
#include "common/domain/provider_rules.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {

/// A process to announce, or to forget.
struct ExpectRequest {
  common::ProcessId process;                              ///< The record's key.
  std::optional<common::ExpectedProcess> announcement{};  ///< None: forget it.
};

/// The process of --dossier, --process, --provider and --within, or of --process and --forget.
/// Errors: kReject, if arguments are missing, wrong or too many.
[[nodiscard]] common::Result<std::vector<ExpectRequest>> ReadExpectOptions(
    const Arguments& arguments, const common::ProviderTable& providers);

/// The processes of a file: announcements, as POST /expected takes them but more of them; to forget
/// them, these or processIds, one a line. A line that looks like another format is a mistake.
/// Errors: kReject, with the line.
[[nodiscard]] common::Result<std::vector<ExpectRequest>> ReadExpectFile(
    std::string_view text, bool forget, const common::ProviderTable& providers);

}  // namespace ctl
