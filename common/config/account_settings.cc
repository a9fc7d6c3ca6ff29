#include "common/config/account_settings.h"

#include <algorithm>
#include <utility>

#include "common/config/assure_settings.h"

namespace common::config {
namespace {

/// A label of metrics, and short in a log line.
bool IsAccountName(std::string_view name) {
  constexpr std::size_t kMaxSize = 40;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.size() <= kMaxSize &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Account ReadAccount(const Section& accounts, const std::string& name) {
  Account account{.name = name, .client = {}};
  if (!IsAccountName(name)) {
    accounts.Mistake(name,
                     "must have 1 to 40 lower-case letters, digits, dashes or underscores as its "
                     "name");
  } else if (name == kAssureName) {
    accounts.Mistake(name, "is the name of the account under assure");
  }
  const std::optional<Section> section = accounts.Child(name);
  if (!section) return account;
  account.client = ReadAssureClient(*section);
  section->Read("client_secret_file", account.secret_file);
  int max_in_flight = 0;
  if (section->Read("max_in_flight", max_in_flight, {1, 10'000})) {
    account.max_in_flight = max_in_flight;
  }
  double rate_limit = 0;
  if (section->Read("rate_limit", rate_limit, {0.0, 1e6})) account.rate_limit = rate_limit;
  return account;
}

}  // namespace

std::size_t Accounts::Of(std::string_view row) const {
  const auto found = named.find(std::string(row));
  return found == named.end() ? 0 : found->second;
}

std::vector<std::size_t> Accounts::ByRow(const ProviderTable& rows) const {
  std::vector<std::size_t> by_row;
  for (const ProviderRow& row : rows.rows()) by_row.push_back(Of(row.name));
  return by_row;
}

Accounts ReadAccounts(const Section& root) {
  Accounts accounts;
  accounts.all.push_back({.name = std::string(kAssureName), .client = ReadClientOfAssure(root)});
  if (const auto assure = root.IsMapping("assure") ? root.Child("assure") : std::nullopt) {
    assure->Read("client_secret_file", accounts.all.front().secret_file);
  }
  const std::optional<Section> section = root.Child("accounts");
  if (!section) return accounts;
  for (const std::string& name : section->Keys()) {
    accounts.all.push_back(ReadAccount(*section, name));
  }
  if (accounts.all.size() > kMostAccounts) {
    root.Mistake("accounts", "must be at most " + std::to_string(kMostAccounts - 1));
  }
  return accounts;
}

void ReadAccountOfRow(const ProviderRow& row, const Section& section, Accounts& accounts) {
  std::string name;
  if (!section.Read("account", name)) return;
  const auto found = std::ranges::find(accounts.all, name, &Account::name);
  if (found == accounts.all.end()) {
    return section.Mistake("account", "names none of accounts");
  }
  accounts.named[row.name] = static_cast<std::size_t>(found - accounts.all.begin());
}

void CheckAccounts(const Section& root, const ProviderTable& rows, const Accounts& accounts) {
  const std::optional<Section> providers =
      root.IsMapping("providers") ? root.Child("providers") : std::nullopt;
  for (const ProviderRow& row : rows.rows()) {
    if (!row.events || row.events->same_as.empty()) continue;
    if (accounts.Of(row.name) == accounts.Of(row.events->same_as)) continue;
    const std::optional<Section> section = providers ? providers->Child(row.name) : std::nullopt;
    if (section) {
      section->Mistake("account", "must be that of " + row.events->same_as +
                                      ", whose facts are the same (same_as)");
    }
  }
  const std::optional<Section> section =
      root.IsMapping("accounts") ? root.Child("accounts") : std::nullopt;
  for (std::size_t at = 1; section && at < accounts.all.size(); ++at) {
    const bool is_used =
        std::ranges::any_of(accounts.named, [at](const auto& named) { return named.second == at; });
    if (!is_used) section->Doubt(accounts.all[at].name, "is the account of no row in providers");
  }
}

}  // namespace common::config
