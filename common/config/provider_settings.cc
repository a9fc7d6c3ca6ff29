#include "common/config/provider_settings.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/similar.h"
#include "common/config/event_settings.h"

namespace common::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void ReadRegularSchedule(const Section& schedule, std::vector<seconds>& out) {
  constexpr int kMaxAttempts = 1000;
  seconds every{};
  int attempts = 0;
  const bool has_every = schedule.Require("every", every, DurationRange{seconds(1), hours(24 * 7)});
  if (schedule.Require("attempts", attempts, Range<int>{1, kMaxAttempts}) && has_every) {
    out = RegularSchedule(every, attempts);
  }
}

void ReadRow(const Section& section, ProviderRow& row) {
  // Not zero: a marker also recognises its own record if that is read again after a crash.
  constexpr DurationRange kWindow{minutes(1), hours(24 * 90)};
  ReadEventRules(section, row);
  section.Read("aliases", row.aliases);
  section.Read("transient_status", row.transient_status, Range<int>{400, 599});
  std::size_t choice = 0;
  if (section.ReadChoice("on_unavailable", {"refuse", "spool"}, choice)) {
    row.on_unavailable = choice == 0 ? OnUnavailable::kRefuse : OnUnavailable::kSpool;
  }
  section.Read("dedup_window", row.dedup_window, kWindow);
  if (!section.IsMapping("retry_schedule")) {
    section.Read("retry_schedule", row.retry_schedule);
  } else if (const auto schedule = section.Child("retry_schedule")) {
    ReadRegularSchedule(*schedule, row.retry_schedule);
  }
  // The same rows may stand in the files of both binaries.
  for (const std::string_view key : {"authorization", "authorization_file", "auth", "account"}) {
    section.Skip(key);
  }
}

void CheckSameAs(const Section& providers, const std::vector<ProviderRow>& rows) {
  for (const ProviderRow& row : rows) {
    if (!row.events || row.events->same_as.empty()) continue;
    if (auto mistake = FindMistakeOfSameAs(row, rows)) {
      providers.Child(row.name)->Mistake("same_as", *std::move(mistake));
    }
  }
}

/// Reports each mistake of FindMistakes() at the row it names.
void ReportMistakes(const Section& providers, const std::vector<std::string>& mistakes) {
  for (const std::string& mistake : mistakes) {
    const std::size_t colon = mistake.find(": ");
    providers.Mistake(mistake.substr(0, colon), mistake.substr(colon + 2));
  }
}

/// A new row: as `unknown` where it says nothing, or as the built-in row that it is `like`.
ProviderRow NewRow(const std::string& name, const std::optional<Section>& section,
                   const ProviderTable& built_in) {
  const ProviderRow& unknown = built_in[ProviderTable::kUnknown];
  ProviderRow row{.name = name, .dedup_window = unknown.dedup_window};
  std::string like;
  if (!section || !section->Read("like", like)) return row;
  const auto model = std::ranges::find(built_in.rows(), like, &ProviderRow::name);
  if (model == built_in.rows().end()) {
    section->Mistake("like", "is no built-in row");
    return row;
  }
  row = *model;
  row.name = name;
  row.aliases.clear();
  return row;
}

/// A new row that a slip in the name of a built-in one would explain.
void DoubtName(const Section& providers, const std::string& name, const ProviderTable& built_in) {
  std::vector<std::string_view> names;
  for (const ProviderRow& row : built_in.rows()) {
    names.push_back(row.name);
    names.insert(names.end(), row.aliases.begin(), row.aliases.end());
  }
  const auto similar = FindSimilar(name, names);
  if (!similar) return;
  providers.Doubt(name, "resembles the built-in name '" + std::string(*similar) +
                            "', but adds a provider of its own: correct it if it is mistyped");
}

}  // namespace

ProviderTable ReadProviders(const Section& root, const ReadMoreOfRow& read_more) {
  ProviderTable built_in;
  const std::optional<Section> providers = root.Child("providers");
  if (!providers) return built_in;

  std::vector<ProviderRow> rows = built_in.rows();
  for (const std::string& name : providers->Keys()) {
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const ProviderRow& known) { return known.name == name; });
    const std::optional<Section> section = providers->Child(name);
    if (row == rows.end()) {
      DoubtName(*providers, name, built_in);
      row = rows.insert(rows.end(), NewRow(name, section, built_in));
    } else if (section && section->Has("like")) {
      section->Mistake("like", "is for rows of other names than the built-in ones");
    }
    if (section) {
      section->Skip("like");
      ReadRow(*section, *row);
      if (read_more) read_more(*row, *section);
    }
  }
  CheckSameAs(*providers, rows);
  const std::vector<std::string> mistakes = FindMistakes(rows);
  ReportMistakes(*providers, mistakes);
  return mistakes.empty() ? ProviderTable(std::move(rows)) : built_in;
}

}  // namespace common::config
