#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/samples.h"

namespace bench {

/// The other side of a comparison.
struct Comparison {
  std::string with;
  double ratio = 0;
};

struct Row {
  std::string figure;
  std::string unit;
  Spread spread;
  std::optional<Comparison> comparison{};
  /// "<= N" or ">= N" for the ratio, or for the median of a row without comparison. Empty: no goal.
  std::string goal{};
};

/// Renders the rows as a Markdown table below a title.
[[nodiscard]] std::string RenderTable(const std::string& title, const std::vector<Row>& rows);

}  // namespace bench
