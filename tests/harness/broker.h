#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// A real Kafka, run by ops/kafka/start. Nodes count from 1.
/// Errors: failures to start or stop are thrown, with the broker's messages.
class Broker {
 public:
  /// The broker that all tests share. The ctest fixture `kafka` starts it; without that fixture it
  /// lives as long as the test program. Leave it running, and use your own topics, groups and
  /// transactional ids (KafkaClient, UniqueName).
  static const Broker& Shared();

  /// A separate broker that the test may kill, stop and freeze. `properties` are Kafka's,
  /// "name=value". `listeners`: the protocols of further ports, "SSL", or "NAME=SSL".
  ///
  /// Lifetime: the destructor kills it and deletes its data. It is also killed if the test dies.
  static std::unique_ptr<Broker> Start(int nodes = 1,
                                       const std::vector<std::string>& properties = {},
                                       const std::vector<std::string>& listeners = {});

  /// Like Start(), but keeps its files in `directory`, which is emptied first.
  static std::unique_ptr<Broker> StartIn(const std::filesystem::path& directory, int nodes);

  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// host:port,host:port. Unchanged when nodes restart.
  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }

  /// The same of one of the further listeners.
  [[nodiscard]] std::string bootstrap(std::string_view listener) const;

  /// The pid of a running or frozen node.
  [[nodiscard]] pid_t pid(int node) const;

  void Kill(int node);          ///< SIGKILL; returns once the process is gone.
  void Stop(int node);          ///< SIGTERM: leaders move first. Returns once the process is gone.
  void Freeze(int node) const;  ///< Returns once all threads have stopped.
  void Thaw(int node) const;

  /// Restarts a killed or stopped node and waits until it is ready. The cluster takes 4 s to notice
  /// a killed node and needs a quorum by then.
  void Restart(int node);
  /// Restarts several nodes at once, which may need each other for a quorum.
  void Restart(const std::vector<int>& nodes);
  /// Begins a restart. The returned script ends when the node is ready.
  [[nodiscard]] std::unique_ptr<Process> BeginRestart(int node) const;

  [[nodiscard]] int nodes() const { return nodes_; }

 private:
  Broker(std::filesystem::path directory, std::string bootstrap, bool is_owned);
  static std::unique_ptr<Broker> StartAt(const std::filesystem::path& directory,
                                         std::vector<std::string> arguments);
  void End(int node, int signal) const;

  std::unique_ptr<TempDirectory> own_directory_;  ///< Null if the files must stay.
  std::filesystem::path directory_;
  std::string bootstrap_;
  bool is_owned_;  ///< True if this object started the broker.
  int nodes_;
};

}  // namespace tests
