#pragma once

#include <set>
#include <string>

#include "common/base/result.h"
#include "common/config/account_settings.h"

namespace ctl {

/// Which account deletes a dossier at Signicat. Another one would be told that there is no such
/// dossier, and the report would say that it is gone. Pure.
///
///   only one account                       it
///   `name` is not empty                    the account of that name
///   the rows that report about the dossier
///     have one account                     it
///     have several, or there is no row     nobody knows
///
/// Errors: kReject, with a sentence.
[[nodiscard]] common::Result<const common::config::Account*> ChooseAccount(
    const common::config::Accounts& accounts, const std::string& name,
    const std::set<std::string>& rows);

}  // namespace ctl
