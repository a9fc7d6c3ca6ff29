#include "ops/ctl/erase/asked_account.h"

#include <algorithm>
#include <cstddef>

#include "ops/ctl/shell/arguments.h"

namespace ctl {

common::Result<const common::config::Account*> ChooseAccount(
    const common::config::Accounts& accounts, const std::string& name,
    const std::set<std::string>& rows) {
  if (!name.empty()) {
    const auto found = std::ranges::find(accounts.all, name, &common::config::Account::name);
    if (found == accounts.all.end()) return Reject("there is no account " + name);
    return &*found;
  }
  if (accounts.all.size() == 1) return &accounts.all.front();
  std::set<std::size_t> of_rows;
  for (const std::string& row : rows) of_rows.insert(accounts.Of(row));
  if (of_rows.size() == 1) return &accounts.all[*of_rows.begin()];
  return Reject(of_rows.empty() ? "no record tells which account has the dossier: say it with "
                                  "--account"
                                : "providers of several accounts report about the dossier: say "
                                  "with --account which one deletes it");
}

}  // namespace ctl
