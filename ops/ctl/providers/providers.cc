#include "ops/ctl/providers/providers.h"

#include <optional>
#include <ostream>

#include "common/config/units.h"
#include "common/json/object_writer.h"
#include "ops/ctl/providers/schedule_text.h"
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

std::string ToJson(const ProviderRow& row) {
  std::vector<std::string> aliases;
  for (const std::string& alias : row.aliases) aliases.push_back(Quote(alias));
  std::vector<std::string> schedule;
  for (const auto after : row.retry_schedule) schedule.push_back(Quote(FormatDuration(after)));
  return common::json::ObjectWriter()
      .Text("name", row.name)
      .Raw("aliases", "[" + Join(aliases) + "]")
      .Number("transientStatus", row.transient_status)
      .Text("onUnavailable", ToText(row.on_unavailable))
      .Text("dedupWindow", FormatDuration(row.dedup_window))
      .Raw("retrySchedule", "[" + Join(schedule) + "]")
      .TextOrNull("repeatsAfter", row.retry_schedule.empty()
                                      ? std::nullopt
                                      : std::optional(DescribeSchedule(row.retry_schedule)))
      .Finish();
}

Result<int> ListProviders(const Arguments& arguments, Output& output) {
  const Result<common::ProviderTable> table = ReadProviderTable(arguments);
  if (!table) return table.error();
  if (output.is_json) {
    output.out << RenderProviders(*table) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const ProviderRow& row : table->rows()) {
    rows.push_back({row.name, row.aliases.empty() ? "-" : Join(row.aliases),
                    std::to_string(row.transient_status), std::string(ToText(row.on_unavailable)),
                    FormatDuration(row.dedup_window), DescribeSchedule(row.retry_schedule)});
  }
  output.out << RenderTable(
      {"PROVIDER", "ALIASES", "TRANSIENT", "UNAVAILABLE", "WINDOW", "REPEATS AFTER"}, rows);
  return 0;
}

}  // namespace

std::string RenderProviders(const common::ProviderTable& table) {
  std::vector<std::string> objects;
  objects.reserve(table.rows().size());
  for (const ProviderRow& row : table.rows()) objects.push_back(ToJson(row));
  return RenderArray(objects);
}

std::vector<Command> ProviderCommands() {
  return {{"providers",
           "lists the provider rows in force: built in, or as --config changes them",
           {},
           ListProviders}};
}

}  // namespace ctl
