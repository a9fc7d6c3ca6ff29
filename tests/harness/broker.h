#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

 private:
  Broker(std::filesystem::path directory, std::string bootstrap);
  void End(int node, int signal) const;

  std::unique_ptr<TempDirectory> owned_;  ///< Set if this object started it.
  std::filesystem::path directory_;
  std::string bootstrap_;
};

}  // namespace tests
