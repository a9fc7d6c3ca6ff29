#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// Debian's Prometheus on a free port, with the project's alerts and a tenth of the usual
/// intervals.
class Prometheus {
 public:
  /// `targets` maps a job to its address. Throws, with Prometheus's output, if it does not start.
  explicit Prometheus(const std::map<std::string, std::string>& targets);

  struct Answer {
    std::string error;      ///< Empty if the query was valid.
    bool has_data = false;  ///< At least one sample is a number.
  };
  [[nodiscard]] Answer Query(const std::string& expression) const;

  /// The names of alerts in this state: "firing", "pending".
  [[nodiscard]] std::set<std::string> Alerts(const std::string& state) const;

 private:
  [[nodiscard]] rapidjson::Document Ask(const std::string& path) const;

  TempDirectory directory_;
  Process process_;
  std::string url_;
};

}  // namespace tests
