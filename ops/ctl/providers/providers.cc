#include "ops/ctl/providers/providers.h"

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "common/config/units.h"
#include "common/json/object_writer.h"
#include "ops/ctl/providers/schedule_text.h"
#include "ops/ctl/shell/accounts.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::OnUnavailable;
using common::ProviderRow;
using common::Result;
using common::config::FormatDuration;
using common::json::Quote;

std::string_view ToText(OnUnavailable on_unavailable) {
  return on_unavailable == OnUnavailable::kSpool ? "spool" : "refuse";
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

using Secrets = std::optional<std::map<std::string, std::string>>;

/// Where the row has its secrets. `unknown` also accepts those of all others.
std::string SecretsOf(const ProviderRow& row, const std::map<std::string, std::string>& secrets) {
  const auto found = secrets.find(row.name);
  std::string own = found == secrets.end() ? "none" : found->second;
  if (row.name != common::kUnknownProvider) return own;
  return own == "none" ? "others" : own + "+others";
}

/// The row's account; none if there is only one.
std::optional<std::string> AccountIn(const AccountNames& accounts, const ProviderRow& row) {
  const auto found = accounts.find(row.name);
  return found == accounts.end() ? std::nullopt : std::optional(found->second);
}

std::string ToJson(const ProviderRow& row, const std::optional<std::string>& secrets,
                   const std::optional<std::string>& account) {
  std::vector<std::string> aliases;
  for (const std::string& alias : row.aliases) aliases.push_back(Quote(alias));
  std::vector<std::string> schedule;
  for (const auto after : row.retry_schedule) schedule.push_back(Quote(FormatDuration(after)));
  common::json::ObjectWriter object;
  object.Text("name", row.name)
      .Text("kind", row.events ? "events" : "callbacks")
      .Raw("aliases", "[" + Join(aliases) + "]")
      .Number("transientStatus", row.transient_status)
      .Text("onUnavailable", ToText(row.on_unavailable))
      .Text("dedupWindow", FormatDuration(row.dedup_window))
      .Raw("retrySchedule", "[" + Join(schedule) + "]")
      .TextOrNull("repeatsAfter", row.retry_schedule.empty()
                                      ? std::nullopt
                                      : std::optional(DescribeSchedule(row.retry_schedule)));
  if (secrets) object.Text("secrets", *secrets);
  if (account) object.Text("account", *account);
  return object.Finish();
}

std::optional<std::string> SecretsIn(const Secrets& secrets, const ProviderRow& row) {
  return secrets ? std::optional(SecretsOf(row, *secrets)) : std::nullopt;
}

Result<int> ListProviders(const Arguments& arguments, Output& output) {
  const Result<ProviderSettings> settings = ReadProviderSettings(arguments);
  if (!settings) return settings.error();
  const AccountNames accounts = ReadAccountNames(arguments, settings->table);
  if (output.is_json) {
    output.out << RenderProviders(settings->table, settings->secrets, accounts) << "\n";
    return 0;
  }
  std::vector<std::string> head = {"PROVIDER",    "ALIASES", "TRANSIENT",
                                   "UNAVAILABLE", "WINDOW",  "REPEATS AFTER"};
  if (settings->secrets) head.emplace_back("SECRETS");
  if (!accounts.empty()) head.emplace_back("ACCOUNT");
  std::vector<std::vector<std::string>> rows;
  for (const ProviderRow& row : settings->table.rows()) {
    rows.push_back({row.name, row.aliases.empty() ? "-" : Join(row.aliases),
                    std::to_string(row.transient_status), std::string(ToText(row.on_unavailable)),
                    FormatDuration(row.dedup_window), DescribeSchedule(row.retry_schedule)});
    if (auto secrets = SecretsIn(settings->secrets, row))
      rows.back().push_back(*std::move(secrets));
    if (auto account = AccountIn(accounts, row)) rows.back().push_back(*std::move(account));
  }
  output.out << RenderTable(head, rows);
  return 0;
}

}  // namespace

std::string RenderProviders(const common::ProviderTable& table, const Secrets& secrets,
                            const AccountNames& accounts) {
  std::vector<std::string> objects;
  for (const ProviderRow& row : table.rows()) {
    objects.push_back(ToJson(row, SecretsIn(secrets, row), AccountIn(accounts, row)));
  }
  return RenderArray(objects);
}

std::vector<Command> ProviderCommands() {
  return {{"providers",
           "lists the provider rows in force: built in, or as --config changes them. Of an\n"
           "ingest.yaml it shows which rows have secrets, of a consumer.yaml with accounts the "
           "account\n"
           "that asks for their callbacks",
           {},
           ListProviders}};
}

}  // namespace ctl
