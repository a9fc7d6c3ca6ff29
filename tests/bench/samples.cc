#include "tests/bench/samples.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace bench {

const std::vector<double>& Samples::Of(const std::string& series) const {
  const auto found = values_.find(series);
  if (found == values_.end()) throw std::runtime_error("nothing was measured of " + series);
  return found->second;
}

void Samples::WriteTo(const std::filesystem::path& directory) const {
  for (const auto& [series, values] : values_) {
    std::ofstream file(directory / series);
    for (const double value : values) file << value << '\n';
  }
}

Spread SpreadOf(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {.median = median, .least = values.front(), .most = values.back()};
}

double MedianRatio(const std::vector<double>& values, const std::vector<double>& divisors) {
  if (values.size() != divisors.size()) throw std::runtime_error("the rounds do not match");
  std::vector<double> ratios;
  for (std::size_t round = 0; round < values.size(); ++round) {
    if (divisors[round] == 0) throw std::runtime_error("nothing can be compared with 0");
    ratios.push_back(values[round] / divisors[round]);
  }
  return SpreadOf(std::move(ratios)).median;
}

}  // namespace bench
