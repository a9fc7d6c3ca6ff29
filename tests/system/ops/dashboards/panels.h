#pragma once

#include <string>
#include <vector>

namespace tests {

/// One query of a panel.
struct PanelQuery {
  std::string panel;
  std::string expression;  ///< With Grafana's variables replaced by what takes everything.
};

/// Every query of a dashboard, by the path of its file in the project. Throws if the file is not of
/// the form that Grafana provisions, or a panel that should have a query has none.
[[nodiscard]] std::vector<PanelQuery> ReadPanels(const std::string& dashboard);

}  // namespace tests
