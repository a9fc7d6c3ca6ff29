#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "tests/bench/bench.h"

namespace bench {

/// Where callbacks go: a cluster, and a topic of it.
struct Target {
  std::string bootstrap;
  std::string topic;
};

/// Creates the four topics of a pipeline, whose names begin with `prefix`.
void CreateTopics(const Bench& bench, const std::string& bootstrap, const std::string& prefix,
                  int partitions);

/// An instance of ingest with a spool that stores callbacks of eid. Its files begin with its name.
class MeasuredIngest {
 public:
  static constexpr const char* kAuthorization = "Bearer of-the-bench";

  /// Returns once it is ready.
  MeasuredIngest(const Bench& bench, const std::string& name, const Target& target);
  /// SIGTERM: it may still have callbacks in hand.
  ~MeasuredIngest();
  MeasuredIngest(const MeasuredIngest&) = delete;
  MeasuredIngest& operator=(const MeasuredIngest&) = delete;

  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  [[nodiscard]] int port() const { return port_; }

 private:
  std::unique_ptr<tests::Process> process_;
  int port_ = 0;
};

}  // namespace bench
