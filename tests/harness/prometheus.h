#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// Debian's Prometheus on a free port, with the project's alerts, its intervals a tenth of what
/// they are elsewhere.
class Prometheus {
 public:
  /// `targets`: an address for each job. Throws, with its last words, if it does not start.
  explicit Prometheus(const std::map<std::string, std::string>& targets);

  struct Answer {
    std::string error;      ///< Empty: it was understood.
    bool has_data = false;  ///< At least one sample that is a number.
  };
  [[nodiscard]] Answer Query(const std::string& expression) const;

  /// Names of the alerts in a state: "firing", "pending".
  [[nodiscard]] std::set<std::string> Alerts(const std::string& state) const;

 private:
  [[nodiscard]] rapidjson::Document Ask(const std::string& path) const;

  TempDirectory directory_;
  Process process_;
  std::string url_;
};

}  // namespace tests
