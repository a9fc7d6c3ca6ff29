#pragma once

#include <rapidjson/document.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// Debian's Prometheus on a free port.
///
/// Errors: throws, with Prometheus's output, if it does not start. Queries return nothing if
///         Prometheus does not answer.
class Prometheus {
 public:
  /// With the project's alerts and a tenth of the usual intervals, in a temporary directory.
  /// `targets` maps a job to its address.
  explicit Prometheus(const std::map<std::string, std::string>& targets);

  /// With this configuration. Its files and its log, prometheus.log, are in `directory`.
  Prometheus(const std::filesystem::path& directory, const std::string& configuration);

  struct Answer {
    std::string error;      ///< Empty if the query was valid.
    bool has_data = false;  ///< At least one sample is a number.
  };
  [[nodiscard]] Answer Query(const std::string& expression) const;

  /// The names of alerts in this state: "firing", "pending".
  [[nodiscard]] std::set<std::string> Alerts(const std::string& state) const;

  /// The value of the expression; nullopt unless it has exactly one.
  [[nodiscard]] std::optional<double> Value(const std::string& expression) const;

  /// The alert names of the series that the expression selects now.
  [[nodiscard]] std::set<std::string> AlertNames(const std::string& expression) const;

  /// By alert: the ends of those steps, from `from` to `to`, in which it was firing.
  [[nodiscard]] std::map<std::string, std::vector<common::WallTime>> FiredBetween(
      common::WallTime from, common::WallTime to, std::chrono::milliseconds step) const;

  /// The rules whose last evaluation failed, with the reason.
  [[nodiscard]] std::vector<std::string> RuleErrors() const;

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] Process& process() { return process_; }

 private:
  void AwaitStart();
  [[nodiscard]] rapidjson::Document Ask(const std::string& path) const;

  std::optional<TempDirectory> own_directory_;  ///< Used if no directory is given.
  Process process_;
  std::string url_;
};

}  // namespace tests
