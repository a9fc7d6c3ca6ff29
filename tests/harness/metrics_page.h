#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// An answer of /metrics, in Prometheus's text format.
class MetricsPage {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit MetricsPage(std::string_view text);

  /// Asks the program whose admin port is at `address`; nullopt if it does not answer.
  static std::optional<MetricsPage> Of(const std::string& address);

  /// The sum of all series of this name with at least these labels; 0 if there are none.
  [[nodiscard]] double Sum(std::string_view name, const Labels& labels = {}) const;

  /// The value of the only series of this name with at least these labels; nullopt if it is absent.
  [[nodiscard]] std::optional<double> Value(std::string_view name, const Labels& labels = {}) const;

 private:
  struct Sample {
    std::string name;
    Labels labels;
    double value = 0;
  };
  [[nodiscard]] static std::optional<Sample> ReadLine(std::string_view line);

  std::vector<Sample> samples_;
};

}  // namespace tests
