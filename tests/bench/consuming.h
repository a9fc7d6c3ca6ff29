#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/harness/assure_api.h"
#include "tests/harness/metrics_page.h"

namespace bench {

/// The simulated Assure API, which the measured consumers ask.
class BenchApi {
 public:
  BenchApi(Bench& bench, const std::string& latency_ms);

  [[nodiscard]] std::string url() const { return "http://" + api_->address(); }
  /// The CPU time that API and broker have used so far. They share the cores with the measured
  /// program.
  [[nodiscard]] double CpuSecondsWithBroker();

 private:
  Bench& bench_;
  std::unique_ptr<tests::AssureApi> api_;
};

/// The CPU time that the brokers have used so far.
[[nodiscard]] double CpuSecondsOfBroker(Bench& bench);

/// Four new topics for a measurement. bench-records fills and reads them.
class MeasuredTopics {
 public:
  MeasuredTopics(Bench& bench, int partitions);

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  void Do(const std::string& command, std::vector<std::string> arguments) const {
    (void)bench_.Run("bench-records", With(command, std::move(arguments)));
  }
  /// Runs a command that prints seconds and CPU-seconds, or two latencies.
  [[nodiscard]] std::vector<double> Measure(const std::string& command,
                                            std::vector<std::string> arguments) const {
    constexpr std::size_t kFigures = 2;
    return bench_.Figures("bench-records", With(command, std::move(arguments)), kFigures);
  }

 private:
  [[nodiscard]] std::vector<std::string> With(const std::string& command,
                                              std::vector<std::string> arguments) const;

  Bench& bench_;
  std::string prefix_;
};

/// A running instance of consumer.
class MeasuredConsumer {
 public:
  struct Plan {
    std::string group;
    std::string line{};  ///< One more line for its configuration.
  };

  MeasuredConsumer(Bench& bench, const MeasuredTopics& topics, const std::string& api_url,
                   const Plan& plan);
  ~MeasuredConsumer();  ///< SIGTERM.
  MeasuredConsumer(const MeasuredConsumer&) = delete;
  MeasuredConsumer& operator=(const MeasuredConsumer&) = delete;

  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  /// PID@ADMIN, as bench-fetches takes it.
  [[nodiscard]] std::string watched() const { return std::to_string(pid()) + "@" + admin_; }
  /// nullopt if it does not answer.
  [[nodiscard]] std::optional<tests::MetricsPage> Metrics() const {
    return tests::MetricsPage::Of(admin_);
  }
  /// Returns once it has restored its share of the partitions.
  void AwaitInGroup() const;

 private:
  std::unique_ptr<tests::Process> process_;
  std::string admin_;
};

struct Watched {
  double counted = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

/// Returns once the instances have handled `count` callbacks.
[[nodiscard]] Watched Watch(Bench& bench, std::int64_t count,
                            const std::vector<std::string>& instances);

}  // namespace bench
