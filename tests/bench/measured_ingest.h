#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "tests/bench/bench.h"

namespace bench {

/// The cluster and the topic that ingest writes to.
struct Target {
  std::string bootstrap;
  std::string topic;
};

/// Creates the four topics of a pipeline, with names that begin with `prefix`.
void CreateTopics(const Bench& bench, const std::string& bootstrap, const std::string& prefix,
                  int partitions);

/// A running instance of ingest that takes callbacks of eid, signed events, and has a spool. The
/// names of its files begin with its own.
class MeasuredIngest {
 public:
  static constexpr const char* kAuthorization = "Bearer of-the-bench";
  static constexpr const char* kSigningSecret = "secret-of-the-bench";

  /// Returns once it is ready.
  MeasuredIngest(const Bench& bench, const std::string& name, const Target& target);
  /// Sends SIGTERM, so that ingest drains.
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
