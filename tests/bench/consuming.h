#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench.h"
#include "tests/harness/assure_api.h"

namespace bench {

/// The simulated Assure API, and whatever else of consumer's surroundings is not measured.
class Surroundings {
 public:
  Surroundings(Bench& bench, const std::string& latency_ms);

  [[nodiscard]] std::string api_url() const { return "http://" + api_->address(); }
  /// What API and broker have used of the CPU so far, which they share with what is measured.
  [[nodiscard]] double CpuSeconds();

 private:
  Bench& bench_;
  std::unique_ptr<tests::AssureApi> api_;
};

/// Four topics for a measurement, and what bench-records does with them.
class MeasuredTopics {
 public:
  MeasuredTopics(Bench& bench, int partitions);

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  void Do(const std::string& command, std::vector<std::string> arguments) const {
    (void)bench_.Run("bench-records", With(command, std::move(arguments)));
  }
  /// A command that prints so many figures.
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

/// An instance of consumer.
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
  /// Returns once it has its share of the partitions restored.
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
