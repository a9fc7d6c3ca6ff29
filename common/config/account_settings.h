#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/document.h"
#include "common/domain/assure_request.h"
#include "common/domain/provider_rules.h"

namespace common::config {

/// One client of the Assure API.
struct Account {
  std::string name;
  AssureClient client;
  std::string secret_file = {};           ///< Empty: the secret stands in the configuration.
  std::optional<int> max_in_flight = {};  ///< None: that of `fetch`.
  std::optional<double> rate_limit = {};  ///< The same.
};

/// The clients of the Assure API and the provider rows that use them.
struct Accounts {
  std::vector<Account> all;                  ///< The first is that of `assure`.
  std::map<std::string, std::size_t> named;  ///< Rows that name one, and its position in `all`.

  /// The position of the account of a row.
  [[nodiscard]] std::size_t Of(std::string_view row) const;
  [[nodiscard]] std::vector<std::size_t> ByRow(const ProviderTable& rows) const;
};

// assure:   client                        ; of the rows that name no account, and of `unknown`
// accounts: { name: account }…
// account := client | max_in_flight: n | rate_limit: n
// providers: { name: { account: name, … } }…

/// The name of the account that `assure` describes.
inline constexpr std::string_view kAssureName = "assure";
/// More than anybody has; each costs memory and connections in every lane.
inline constexpr std::size_t kMostAccounts = 32;

/// Reads `assure`, which is required, and `accounts` of `root`.
[[nodiscard]] Accounts ReadAccounts(const Section& root);
/// Reads the key `account` of a row of the file.
void ReadAccountOfRow(const ProviderRow& row, const Section& section, Accounts& accounts);
/// Reports rows that are one fact and have two accounts, and accounts that no row names.
void CheckAccounts(const Section& root, const ProviderTable& rows, const Accounts& accounts);

}  // namespace common::config
