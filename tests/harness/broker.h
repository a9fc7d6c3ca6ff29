#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// A real Kafka, run by ops/kafka/start. Failures to start or stop are thrown with the broker's
/// own words. Nodes count from 1.
class Broker {
 public:
  /// The one that all tests share: what the ctest fixture `kafka` has started, or, when a test is
  /// run by hand, one that lives as long as the test program. Leave it running; use topics,
  /// groups and transactional ids of your own (KafkaClient, UniqueName).
  static const Broker& Shared();

  /// One of your own, to be killed, stopped and frozen. Properties are Kafka's, "name=value".
  ///
  /// Lifetime: killed, its data deleted, when the object ends; killed as well if the test dies.
  static std::unique_ptr<Broker> Start(int nodes = 1,
                                       const std::vector<std::string>& properties = {});

  /// The same with its files, which stay, in that directory; what was there is gone.
  static std::unique_ptr<Broker> StartIn(const std::filesystem::path& directory, int nodes);

  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// host:port,host:port; it stays the same when nodes are restarted.
  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }

  /// The pid of a node that was started and not stopped since.
  [[nodiscard]] pid_t pid(int node) const;

  void Kill(int node);          ///< SIGKILL; returns when it is gone.
  void Stop(int node);          ///< SIGTERM: leaders move first; returns when it is gone.
  void Freeze(int node) const;  ///< Returns when it does nothing any more.
  void Thaw(int node) const;

  /// Starts a killed or stopped node again, ready when this returns. The cluster forgets a killed
  /// node after 4 s only, and it must have a quorum by then.
  void Restart(int node);
  /// The same of some of them at once, which may need each other for a quorum.
  void Restart(const std::vector<int>& nodes);
  /// Begins to, and returns the script that is done when the node is ready.
  [[nodiscard]] std::unique_ptr<Process> BeginRestart(int node) const;

  [[nodiscard]] int nodes() const { return nodes_; }

 private:
  Broker(std::filesystem::path directory, std::string bootstrap, bool is_owned);
  static std::unique_ptr<Broker> StartAt(const std::filesystem::path& directory,
                                         std::vector<std::string> arguments);
  void End(int node, int signal) const;

  std::unique_ptr<TempDirectory> own_directory_;  ///< Unless its files stay.
  std::filesystem::path directory_;
  std::string bootstrap_;
  bool is_owned_;  ///< This object started it.
  int nodes_;
};

}  // namespace tests
