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

/// "nginx" or "haproxy".
[[nodiscard]] std::string NameOf(ProxyKind kind);

/// A real proxy with the configuration of ops/proxy, except for addresses, paths and time limits.
/// Throws if a text to replace does not occur exactly once.
class Proxy {
 public:
  struct Instance {
    std::uint16_t port = 0;
    std::uint16_t admin_port = 0;  ///< Serves /readyz.
  };

  /// How long the proxy waits for a request, and for an instance.
  static constexpr int kRequestTimeoutMs = 1'000;
  static constexpr int kAnswerTimeoutMs = 2'000;

  /// Limits per address: requests in progress, and connections.
  static constexpr int kRequestsOfAnAddress = 50;
  static constexpr int kConnectionsOfAnAddress = 60;
  /// The total number of connections, including the proxy's own.
  static constexpr std::size_t kConnections = 256;

  struct Options {
    int request_timeout_ms = kRequestTimeoutMs;
    int requests_of_an_address = kRequestsOfAnAddress;
    int connections_of_an_address = kConnectionsOfAnAddress;
    bool has_master = false;  ///< Starts HAProxy like its package, for Reload().
  };

  /// Throws, with the proxy's output, if it does not start.
  Proxy(ProxyKind kind, const std::vector<Instance>& instances)
      : Proxy(kind, instances, Options()) {}
  Proxy(ProxyKind kind, const std::vector<Instance>& instances, const Options& options);

  /// HAProxy only: writes its configuration with these limits and asks the master to reload it. The
  /// previous worker may still accept connections when this returns.
  void Reload(int requests_of_an_address, int connections_of_an_address);

  [[nodiscard]] std::uint16_t port() const { return port_; }  ///< Without TLS.
  /// nginx only: like port(), but takes the client's address from a PROXY protocol header.
  [[nodiscard]] std::uint16_t told_port() const { return told_port_; }
  [[nodiscard]] std::uint16_t tls_port() const { return tls_port_; }
  [[nodiscard]] bool listens_on_ipv6() const { return listens_on_ipv6_; }

  /// Has the adapted files: sluice.conf and sluice-stream.conf, or haproxy.cfg.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  /// The complete log.
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

/// A loopback port that is free at present.
[[nodiscard]] std::uint16_t FreePort();

}  // namespace tests
