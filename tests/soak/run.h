#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "tests/harness/broker.h"
#include "tests/harness/pipeline.h"
#include "tests/soak/options.h"

namespace soak {

/// One run of a scenario: its options, seed, programs and verdict.
class Run {
 public:
  /// `directory` is created anew.
  Run(Options options, std::filesystem::path directory, std::uint64_t seed);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] common::WallTime begun_at() const { return begun_at_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Prints a line to standard error, with the seconds since the start.
  void Step(const std::string& text) const;
  /// Prints a line of the verdict to standard output.
  static void Tell(const std::string& line);
  /// Makes the verdict "failed", for this reason.
  void Fail(const std::string& reason);
  void FailIf(bool is_bad, const std::string& reason) {
    if (is_bad) Fail(reason);
  }
  [[nodiscard]] bool IsGood() const { return failures_ == 0; }

  /// Draws an integer between `least` and `most`, inclusive.
  [[nodiscard]] int Draw(int least, int most);
  [[nodiscard]] std::chrono::milliseconds DrawTime(std::chrono::milliseconds least,
                                                   std::chrono::milliseconds most);

  /// Starts Kafka in the run's directory.
  tests::Broker& StartBroker(int nodes);
  [[nodiscard]] tests::Broker& broker() { return *broker_; }
  /// Uses a running cluster instead, with topics and groups of this prefix. Returns how many copies
  /// of a partition it can have: 1 or 3.
  int UseCluster(const std::string& bootstrap, const std::string& prefix);
  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }

  /// Starts the simulated API (20 ms per answer, 2 % errors) and creates the topics. The scenario
  /// starts the programs, with the settings of a new installation.
  tests::Pipeline& StartPipeline(int copies,
                                 std::function<void(tests::TopicSpec&)> shape_callbacks = {});
  [[nodiscard]] tests::Pipeline& pipeline() { return *pipeline_; }

  /// Polls until the condition is true. Throws `what` if it is not within the limit, or if a
  /// program of the pipeline has exited.
  void Await(const std::function<bool()>& condition, std::chrono::seconds limit,
             const std::string& what);
  /// Waits while all programs keep running.
  void Rest(std::chrono::milliseconds time);

 private:
  Options options_;
  std::filesystem::path directory_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  common::WallTime begun_at_ = common::WallNow();
  int failures_ = 0;
  std::string bootstrap_;
  std::string prefix_;  ///< Of topics and groups.
  std::unique_ptr<tests::Broker> broker_;
  std::unique_ptr<tests::Pipeline> pipeline_;  // Last: its programs end before their broker.
};

/// The last `count` lines of a text, without the final newline.
[[nodiscard]] std::string LastLines(std::string_view text, int count);

/// "3.2 s"
[[nodiscard]] std::string Seconds(std::chrono::milliseconds time);

}  // namespace soak
