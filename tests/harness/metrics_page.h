#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// What /metrics answers: the text format of Prometheus.
class MetricsPage {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit MetricsPage(std::string_view text);

  /// Of the program whose admin port is at `address`; none: it does not answer.
  static std::optional<MetricsPage> Of(const std::string& address);

  /// Of all series of that name that have at least these labels. 0: there is none.
  [[nodiscard]] double Sum(std::string_view name, const Labels& labels = {}) const;

  /// Of the one series of that name with at least these labels; none: it is not there.
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
