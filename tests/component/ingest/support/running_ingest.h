#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace ingest {

/// The built binary on free ports. Providers onfido, eid, readid and paper have the secrets
/// "onfido-secret" and so on; connect has `auth: none`.
class RunningIngest {
 public:
  struct Options {
    std::string bootstrap = "127.0.0.1:1";  ///< Nothing listens there.
    std::string topic = "callbacks";
    std::string more{};                      ///< More lines of the configuration.
    std::string more_providers{};            ///< More lines of `providers:`, indented by two.
    std::optional<std::string> providers{};  ///< Replaces all lines of `providers:`.
    std::string more_kafka{};                ///< More properties, each with a leading comma.
    int descriptors = 0;                     ///< Limit of open descriptors; 0: the test's own.
  };

  /// Starts the binary and waits until it listens. Throws with its log if it does not.
  explicit RunningIngest(const Options& options);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] std::string Url(const std::string& path) const;
  [[nodiscard]] std::string AdminUrl(const std::string& path) const;
  [[nodiscard]] tests::Process& process() { return *process_; }

  /// True once /readyz agrees, within the limit.
  [[nodiscard]] bool WaitUntilReady(std::chrono::milliseconds limit) const;
  [[nodiscard]] bool WaitUntilNotReady(std::chrono::milliseconds limit) const;
  [[nodiscard]] std::string Metrics() const;

  /// The text of the configuration file, for runs that must fail.
  static std::string ConfigText(const Options& options);

 private:
  tests::TempDirectory directory_;
  std::unique_ptr<tests::Process> process_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace ingest
