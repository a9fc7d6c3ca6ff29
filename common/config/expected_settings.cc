#include "common/config/expected_settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/domain/expected_process.h"

namespace common::config {

std::optional<ExpectedSettings> ReadExpectedSettings(const Section& root) {
  const std::optional<Section> section = root.Child("expected");
  if (!section) return std::nullopt;
  ExpectedSettings settings;
  section->Read("within", settings.within, {kShortestWithin, kLongestWithin});
  section->Read("max_wait", settings.max_wait, {std::chrono::seconds(1), kLongestWithin});
  section->Read("rate", settings.rate, {0.01, 1e6});
  if (settings.within > settings.max_wait) {
    section->Mistake(section->Has("within") ? "within" : "max_wait",
                     "within (" + FormatDuration(settings.within) +
                         ") must not be longer than max_wait (" +
                         FormatDuration(settings.max_wait) + ")");
  }
  return settings;
}

void WidenWindows(ProviderTable& providers, const ExpectedSettings& expected) {
  std::vector<ProviderRow> rows = providers.rows();
  for (ProviderRow& row : rows) row.dedup_window = std::max(row.dedup_window, expected.reach());
  providers = ProviderTable(std::move(rows));
}

}  // namespace common::config
