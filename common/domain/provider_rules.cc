#include "common/domain/provider_rules.h"

#include <algorithm>
#include <array>

#include "common/base/similar.h"
#include "common/base/text.h"

namespace common {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<ProviderRow> BuiltInRows() {
  return {
      {.name = std::string(kUnknownProvider),
       .transient_status = 429,
       .on_unavailable = OnUnavailable::kSpool,
       .dedup_window = hours(48),
       .penalises_statuses = true},
      {.name = "onfido",
       .dedup_window = hours(12),
       .retry_schedule = {seconds(30), minutes(2), minutes(15), hours(2), hours(10)}},
      {.name = "eid",
       .aliases = {"signicatvideoid"},
       .dedup_window = hours(4),
       .retry_schedule = RegularSchedule(minutes(10), 15)},
      {.name = "readid",
       .transient_status = 429,
       .dedup_window = hours(48),
       .retry_schedule = RegularSchedule(hours(1), 25),
       .penalises_statuses = true},
      {.name = "paper",
       .aliases = {"signicatpaper"},
       .on_unavailable = OnUnavailable::kSpool,
       .dedup_window = hours(1)},
      {.name = "connect", .on_unavailable = OnUnavailable::kSpool, .dedup_window = hours(1)},
      {.name = "webid", .on_unavailable = OnUnavailable::kSpool, .dedup_window = hours(48)},
      {.name = "pictureid",
       .aliases = {"signicatpictureid"},
       .on_unavailable = OnUnavailable::kSpool,
       .dedup_window = hours(48)},
  };
}

/// True if the name is lower case and needs no escaping in a path segment.
bool IsRouteName(const std::string& name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-._~";
  return !name.empty() && name.find_first_not_of(kAllowed) == std::string::npos;
}

void FindMistakesOfSchedule(const ProviderRow& row, std::vector<std::string>& mistakes) {
  const std::vector<seconds>& schedule = row.retry_schedule;
  if (schedule.empty()) return;
  if (!std::is_sorted(schedule.begin(), schedule.end())) {
    mistakes.push_back(row.name + ": retry_schedule must ascend");
  }
  const seconds last = *std::max_element(schedule.begin(), schedule.end());
  if (row.dedup_window < last) {
    mistakes.push_back(row.name + ": dedup_window (" + std::to_string(row.dedup_window.count()) +
                       " s) is shorter than its retry_schedule (" + std::to_string(last.count()) +
                       " s)");
  }
}

}  // namespace

bool IsPenal(int status) {
  constexpr std::array<int, 7> kPenal = {400, 404, 405, 406, 410, 414, 415};
  return status >= 500 || std::ranges::find(kPenal, status) != kPenal.end();
}

std::vector<seconds> RegularSchedule(seconds every, int attempts) {
  std::vector<seconds> schedule;
  for (int attempt = 1; attempt < attempts; ++attempt) schedule.push_back(every * attempt);
  return schedule;
}

ProviderTable::ProviderTable() : ProviderTable(BuiltInRows()) {}

ProviderTable::ProviderTable(std::vector<ProviderRow> rows) : rows_(std::move(rows)) {
  const auto unknown = std::find_if(rows_.begin(), rows_.end(), [](const ProviderRow& row) {
    return row.name == kUnknownProvider;
  });
  if (unknown == rows_.end()) {
    rows_.insert(rows_.begin(), BuiltInRows().front());
  } else {
    std::rotate(rows_.begin(), unknown, unknown + 1);
  }
  for (Index index = 0; index < rows_.size(); ++index) {
    by_name_.emplace(rows_[index].name, index);
    for (const std::string& alias : rows_[index].aliases) by_name_.emplace(alias, index);
  }
  JoinWindows();
}

void ProviderTable::JoinWindows() {
  const auto for_each_pair = [this](auto visit) {
    for (ProviderRow& row : rows_) {
      if (row.events && !row.events->same_as.empty())
        visit(row, rows_[Resolve(row.events->same_as)]);
    }
  };
  for_each_pair([](const ProviderRow& events, ProviderRow& same) {
    same.dedup_window = std::max(same.dedup_window, events.dedup_window);
  });
  for_each_pair([](ProviderRow& events, const ProviderRow& same) {
    events.dedup_window = same.dedup_window;
  });
}

ProviderTable::Index ProviderTable::Resolve(std::string_view name) const {
  const auto found = by_name_.find(ToLowerAscii(std::string(name)));
  return found == by_name_.end() ? kUnknown : found->second;
}

seconds ProviderTable::DedupReach() const {
  seconds reach = std::chrono::hours(48);
  for (const ProviderRow& row : rows_) reach = std::max(reach, row.dedup_window);
  return reach;
}

const std::string& NameOfFacts(const ProviderRow& row) {
  return row.events && !row.events->same_as.empty() ? row.events->same_as : row.name;
}

std::string_view NameOfFacts(const ProviderTable& table, std::string_view provider) {
  const ProviderRow& row = table[table.Resolve(provider)];
  return row.events ? std::string_view(NameOfFacts(row)) : provider;
}

std::vector<std::string> FindMistakes(const std::vector<ProviderRow>& rows) {
  std::vector<std::string> mistakes;
  std::unordered_map<std::string, std::string> owner_of;
  const auto claim = [&](const std::string& name, const ProviderRow& row) {
    if (!IsRouteName(name)) {
      mistakes.push_back(row.name + ": '" + name +
                         "' must consist of a-z, 0-9, '-', '.', '_', '~'");
    }
    if (const auto [owner, is_new] = owner_of.emplace(name, row.name); !is_new) {
      mistakes.push_back(row.name + ": the name '" + name + "' belongs to " + owner->second +
                         " already");
    }
  };
  for (const ProviderRow& row : rows) {
    claim(row.name, row);
    for (const std::string& alias : row.aliases) claim(alias, row);
    FindMistakesOfSchedule(row, mistakes);
    if (row.transient_status < 400 || row.transient_status > 599) {
      mistakes.push_back(row.name + ": transient_status must be between 400 and 599");
    } else if (row.penalises_statuses && IsPenal(row.transient_status)) {
      mistakes.push_back(row.name + ": transient_status " + std::to_string(row.transient_status) +
                         " would make this provider hold back or drop its callbacks; 429 does not");
    }
  }
  return mistakes;
}

std::optional<std::string> FindMistakeOfSameAs(const ProviderRow& events,
                                               const std::vector<ProviderRow>& rows) {
  const std::string& name = events.events->same_as;
  if (name == events.name) return "must name another row";
  if (name == kUnknownProvider) return "cannot be unknown: that row has no name of its own";
  const auto named = std::ranges::find(rows, name, &ProviderRow::name);
  if (named == rows.end()) {
    std::vector<std::string_view> names;
    names.reserve(rows.size());
    for (const ProviderRow& row : rows) names.push_back(row.name);
    const auto similar = FindSimilar(name, names);
    return "no row has the name '" + name + "'" +
           (similar ? ": did you mean '" + std::string(*similar) + "'?" : "");
  }
  if (named->events && !named->events->same_as.empty()) {
    return "the row '" + name + "' has a same_as itself: name the row at its end, '" +
           named->events->same_as + "'";
  }
  if (named->events && named->events->fetch == EventFetch::kNone) {
    return "the row '" + name + "' has fetch: none: each of its events is its own fact";
  }
  return std::nullopt;
}

}  // namespace common
