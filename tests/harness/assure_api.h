#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/simulator/port_hold.h"
#include "tests/harness/program.h"

namespace tests {

/// The simulated Assure API as a process.
class AssureApi {
 public:
  /// Starts assure-sim with `options`, which set its initial behaviour.
  AssureApi(const std::filesystem::path& directory, std::vector<std::string> options = {});

  /// host:port of the simulated API.
  [[nodiscard]] std::string address() const;
  /// host:port of /behaviour and /stats.
  [[nodiscard]] std::string admin_address() const;

  /// PUT /behaviour.
  void Behave(const std::string& json);

  struct Stats {
    std::int64_t most_at_once = 0;         ///< Most concurrent requests for resources.
    std::int64_t despite_retry_after = 0;  ///< Requests sent although Retry-After forbade them.
  };
  /// The statistics since the last call. Resets them.
  [[nodiscard]] Stats TakeStats();

  [[nodiscard]] Program& program() { return program_; }

 private:
  [[nodiscard]] std::string Admin(std::string_view path) const;

  simulator::PortHold port_;
  simulator::PortHold admin_port_;
  Program program_;
};

}  // namespace tests
