#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// The values of series, in the order of the rounds. Compared series get one value each in every
/// round.
///
/// Errors: Of() and Last() throw if the series has no value.
class Samples {
 public:
  void Add(const std::string& series, double value) { values_[series].push_back(value); }

  [[nodiscard]] bool Has(const std::string& series) const { return values_.contains(series); }
  [[nodiscard]] const std::vector<double>& Of(const std::string& series) const;
  [[nodiscard]] double Last(const std::string& series) const { return Of(series).back(); }

  /// Writes a file for each series, with one value per line.
  void WriteTo(const std::filesystem::path& directory) const;

 private:
  std::map<std::string, std::vector<double>> values_;
};

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// Precondition: there is a value.
[[nodiscard]] Spread SpreadOf(std::vector<double> values);

/// The median of the rounds' ratios. Throws if the rounds do not match, or a divisor is 0.
[[nodiscard]] double MedianRatio(const std::vector<double>& values,
                                 const std::vector<double>& divisors);

}  // namespace bench
