#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/account_settings.h"
#include "common/domain/provider_rules.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// consumer's clients of the Assure API. Precondition: there is a --config.
/// Errors: kReject, with one line for each mistake in the file.
[[nodiscard]] common::Result<common::config::Accounts> ReadAccounts(const Arguments& arguments);

/// By row of `rows`: the name of the account that asks for its callbacks. Empty unless --config is a
/// file with `accounts`. Reads no secret.
using AccountNames = std::map<std::string, std::string>;
[[nodiscard]] AccountNames ReadAccountNames(const Arguments& arguments,
                                            const common::ProviderTable& rows);
/// The account of a provider as a record names it; none if there is only one.
[[nodiscard]] std::optional<std::string> AccountOf(const AccountNames& names,
                                                   const common::ProviderTable& rows,
                                                   std::string_view provider);

}  // namespace ctl
