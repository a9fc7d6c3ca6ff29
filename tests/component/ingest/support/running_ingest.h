#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace ingest {

/// The built binary on ports of its own. Providers onfido, eid, readid and paper have the secrets
/// "onfido-secret" and so on; connect has `auth: none`.
class RunningIngest {
 public:
  struct Options {
    std::string bootstrap = "127.0.0.1:1";  ///< Nobody listens there.
    std::string topic = "callbacks";
    std::string more{};                      ///< Further lines of the configuration.
    std::string more_providers{};            ///< Further lines of `providers:`, indented by two.
    std::optional<std::string> providers{};  ///< All of its lines, instead of those above.
    std::string more_kafka{};                ///< Further properties, each with a comma in front.
    int descriptors = 0;                     ///< Limit of open ones; 0: as of the test.
  };

  /// Starts it and waits until it listens; throws with its log if it does not.
  explicit RunningIngest(const Options& options);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] std::string Url(const std::string& path) const;
  [[nodiscard]] std::string AdminUrl(const std::string& path) const;
  [[nodiscard]] tests::Process& process() { return *process_; }

  /// Whether /readyz says so within the limit.
  [[nodiscard]] bool WaitUntilReady(std::chrono::milliseconds limit) const;
  [[nodiscard]] bool WaitUntilNotReady(std::chrono::milliseconds limit) const;
  [[nodiscard]] std::string Metrics() const;

  /// What the configuration file says, for runs that are to fail.
  static std::string ConfigText(const Options& options);

 private:
  tests::TempDirectory directory_;
  std::unique_ptr<tests::Process> process_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace ingest
