#pragma once

#include <string>
#include <vector>

namespace tests {

/// One query of a panel.
struct PanelQuery {
  std::string panel;
  std::string expression;  ///< Grafana's variables are replaced by values that match everything.
};

/// All queries of a dashboard, by its path in the project. Throws if Grafana could not provision
/// the file, or if a panel lacks a query.
[[nodiscard]] std::vector<PanelQuery> ReadPanels(const std::string& dashboard);

/// The queries of its annotations, `panel` being their names. They mark events, so most have no
/// data.
[[nodiscard]] std::vector<PanelQuery> ReadAnnotations(const std::string& dashboard);

}  // namespace tests
