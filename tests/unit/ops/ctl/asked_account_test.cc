#include "ops/ctl/erase/asked_account.h"

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

namespace ctl {
namespace {

struct Row {
  const char* name;
  bool has_accounts;
  std::string account;
  std::set<std::string> rows;
  std::string chosen;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class AskedAccount : public ::testing::TestWithParam<Row> {};

TEST_P(AskedAccount, IsChosenAsTabulated) {
  common::config::Accounts accounts;
  accounts.all.push_back({.name = "assure", .client = {}});
  if (GetParam().has_accounts) {
    accounts.all.push_back({.name = "acme", .client = {}});
    accounts.named = {{"acme-onfido", 1}, {"acme-readid", 1}};
  }
  const auto chosen = ChooseAccount(accounts, GetParam().account, GetParam().rows);
  EXPECT_EQ(chosen ? (*chosen)->name : chosen.error().detail, GetParam().chosen);
}

INSTANTIATE_TEST_SUITE_P(
    Table, AskedAccount,
    ::testing::Values(
        Row{"OnlyOne", false, "", {}, "assure"},
        Row{"OnlyOneOfAnyRow", false, "", {"onfido", "eid"}, "assure"},
        Row{"ByRow", true, "", {"acme-onfido"}, "acme"},
        Row{"ByRowsOfOneAccount", true, "", {"acme-onfido", "acme-readid"}, "acme"},
        Row{"ByRowThatNamesNone", true, "", {"onfido"}, "assure"},
        Row{"ByName", true, "assure", {"acme-onfido"}, "assure"},
        Row{"ByUnknownName", true, "other", {"acme-onfido"}, "there is no account other"},
        Row{"BySeveral",
            true,
            "",
            {"acme-onfido", "onfido"},
            "providers of several accounts report about the dossier: say with --account which one "
            "deletes it"},
        Row{"ByNothing",
            true,
            "",
            {},
            "no record tells which account has the dossier: say it with --account"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace ctl
