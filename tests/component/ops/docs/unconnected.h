#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// A binary that has just started, "ingest" or "consumer". It can reach no broker and no
/// collector of traces.
///
/// Errors: throws if it does not start.
class Unconnected {
 public:
  explicit Unconnected(const std::string& program)
      : process_(Binary(program),
                 {"--config", directory_.Write("config.yaml", YamlOf(program)).string()}) {
    const std::string before_port = "\"admin_port\":";
    if (!process_.WaitForOutput(before_port, std::chrono::seconds(30))) {
      throw std::runtime_error(process_.Describe());
    }
    const std::string log = process_.StandardError();
    port_ = std::stoi(log.substr(log.find(before_port) + before_port.size()));
  }

  [[nodiscard]] int admin_port() const { return port_; }
  [[nodiscard]] std::string admin() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  static std::string YamlOf(const std::string& program) {
    const std::string both =
        "admin: 127.0.0.1:0\nkafka: { bootstrap.servers: \"127.0.0.1:1\" }\n"
        "tracing: { endpoint: \"http://127.0.0.1:1\" }\n";
    if (program == "ingest") return both + "listen: 127.0.0.1:0\n";
    return both +
           "assure: { base_url: \"http://127.0.0.1:1/a\", token_url: \"http://127.0.0.1:1/t\", "
           "client_id: me, client_secret: x }\n";
  }

  TempDirectory directory_;
  Process process_;
  int port_ = 0;
};

}  // namespace tests
