#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

enum class ProxyKind { kNginx, kHaproxy };

/// "nginx", "haproxy".
[[nodiscard]] std::string NameOf(ProxyKind kind);

/// The real proxy with the very configuration of ops/proxy, in which only addresses, paths and
/// time limits are other ones. A text to be replaced that is not there, once, is an error.
class RunningProxy {
 public:
  struct Instance {
    std::uint16_t port = 0;
    std::uint16_t admin_port = 0;  ///< With /readyz.
  };

  /// What the proxy waits for a request, and for an instance.
  static constexpr int kRequestTimeoutMs = 1'000;
  static constexpr int kAnswerTimeoutMs = 2'000;

  /// Of one address: requests that are taken, and connections.
  static constexpr int kRequestsOfAnAddress = 50;
  static constexpr int kConnectionsOfAnAddress = 60;
  /// What it has for everybody, ends of connections of its own included.
  static constexpr std::size_t kConnections = 256;

  struct Options {
    int request_timeout_ms = kRequestTimeoutMs;
    int requests_of_an_address = kRequestsOfAnAddress;
    int connections_of_an_address = kConnectionsOfAnAddress;
    bool has_master = false;  ///< HAProxy as its package starts it, for Reload().
  };

  /// Throws with the proxy's words if it does not start.
  RunningProxy(ProxyKind kind, const std::vector<Instance>& instances)
      : RunningProxy(kind, instances, Options()) {}
  RunningProxy(ProxyKind kind, const std::vector<Instance>& instances, const Options& options);

  /// HAProxy: writes its configuration with these limits, and asks the master to read it. The
  /// worker before may still take connections when this returns.
  void Reload(int requests_of_an_address, int connections_of_an_address);

  [[nodiscard]] std::uint16_t port() const { return port_; }  ///< Without TLS.
  /// As port(), of nginx: it takes the client's address from a header of the PROXY protocol.
  [[nodiscard]] std::uint16_t told_port() const { return told_port_; }
  [[nodiscard]] std::uint16_t tls_port() const { return tls_port_; }
  [[nodiscard]] bool listens_on_ipv6() const { return listens_on_ipv6_; }

  /// With the adapted files: sluice.conf and sluice-stream.conf, or haproxy.cfg.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  /// All that it has logged.
  [[nodiscard]] std::string Log();

 private:
  bool Start();
  void WriteNginx();
  void WriteHaproxy();

  ProxyKind kind_;
  std::vector<Instance> instances_;
  Options options_;
  bool listens_on_ipv6_;
  std::uint16_t port_ = 0;
  std::uint16_t told_port_ = 0;
  std::uint16_t tls_port_ = 0;
  TempDirectory directory_;
  std::unique_ptr<Process> process_;
};

/// A port of the loopback that nobody listens on, for the moment.
[[nodiscard]] std::uint16_t FreePort();

}  // namespace tests
