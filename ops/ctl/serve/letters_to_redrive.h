#pragma once

#include <set>
#include <string_view>

#include "common/base/result.h"
#include "common/domain/record_position.h"

namespace ctl {

using Letters = std::set<common::RecordPosition>;

/// The letters that the page asks to redrive.
struct LettersToRedrive {
  Letters letters;
  bool is_dry_run = true;
};

/// {"letters":["P:O",…],"dryRun":bool}, one to a thousand letters.
/// Errors: kReject for anything else.
[[nodiscard]] common::Result<LettersToRedrive> ReadLettersToRedrive(std::string_view json);

}  // namespace ctl
