#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/samples.h"

namespace bench {

/// What a row is compared with.
struct Comparison {
  std::string with;
  double ratio = 0;
};

struct Row {
  std::string figure;
  std::string unit;
  Spread spread;
  std::optional<Comparison> comparison{};
  /// "<= N" or ">= N" for the ratio, or for the median if there is none; empty: no goal.
  std::string goal{};
};

/// The rows as a table in Markdown, below its title.
[[nodiscard]] std::string RenderTable(const std::string& title, const std::vector<Row>& rows);

}  // namespace bench
