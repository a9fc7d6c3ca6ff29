#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "tests/harness/broker.h"
#include "tests/harness/pipeline.h"
#include "tests/soak/options.h"

namespace soak {

/// One run of a scenario: its options, its seed, what it has started, and its verdict.
class Run {
 public:
  /// `directory` is made anew.
  Run(Options options, std::filesystem::path directory, std::uint64_t seed);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// A line on standard error, with the seconds since the start.
  void Step(const std::string& text) const;
  /// A line of the verdict, on standard output.
  static void Tell(const std::string& line);
  /// The verdict is "failed", for this reason.
  void Fail(const std::string& reason);
  void FailIf(bool is_bad, const std::string& reason) {
    if (is_bad) Fail(reason);
  }
  [[nodiscard]] bool IsGood() const { return failures_ == 0; }

  /// A whole number from least to most, both included.
  [[nodiscard]] int Draw(int least, int most);
  [[nodiscard]] std::chrono::milliseconds DrawTime(std::chrono::milliseconds least,
                                                   std::chrono::milliseconds most);

  /// Starts Kafka in the run's directory.
  tests::Broker& StartBroker(int nodes);
  [[nodiscard]] tests::Broker& broker() { return *broker_; }

  /// Starts the simulated API (20 ms for each answer, 2 % errors) and makes the topics. Programs are
  /// started by the scenario, with the settings that a new installation has.
  tests::Pipeline& StartPipeline(int copies,
                                 std::function<void(tests::TopicSpec&)> shape_callbacks = {});
  [[nodiscard]] tests::Pipeline& pipeline() { return *pipeline_; }

  /// Polls until the condition holds. Throws `what` if it does not within the limit, or a program
  /// of the pipeline has ended.
  void Await(const std::function<bool()>& condition, std::chrono::seconds limit,
             const std::string& what);
  /// Await() of nothing: the time passes, with all programs running.
  void Rest(std::chrono::milliseconds time);

 private:
  Options options_;
  std::filesystem::path directory_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  int failures_ = 0;
  std::unique_ptr<tests::Broker> broker_;
  std::unique_ptr<tests::Pipeline> pipeline_;  // Last: its programs end before their broker.
};

/// The last `count` lines of a text, without its end of line.
[[nodiscard]] std::string LastLines(std::string_view text, int count);

/// "3.2 s"
[[nodiscard]] std::string Seconds(std::chrono::milliseconds time);

}  // namespace soak
