#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/samples.h"
#include "tests/bench/table.h"
#include "tests/harness/broker.h"
#include "tests/harness/process.h"

namespace bench {

/// A series to compare with, and the goal of the comparison (Row::goal).
struct Against {
  std::string with;
  std::string series;
  std::string goal{};
};

/// One run of the bench: its programs, its samples, and the rows of the current section.
///
/// Errors: throws if a program fails, with its output.
class Bench {
 public:
  /// Empties the directory. Throws if it has files that no run of the bench wrote.
  explicit Bench(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] double seconds() const { return options_.Seconds(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return options_.directory; }
  [[nodiscard]] Samples& samples() { return samples_; }
  /// Calls `measure` once for each round.
  void EachRound(const std::function<void()>& measure) const;

  /// Starts a program in the background. Its output goes to NAME.log.
  [[nodiscard]] std::unique_ptr<tests::Process> Start(const std::string& name,
                                                      const std::string& program,
                                                      std::vector<std::string> arguments) const;
  /// Waits until the program logs a line with the number `field`, and returns it.
  static std::int64_t AwaitNumber(tests::Process& process, const std::string& field);

  /// Runs a program to its end. Returns its standard output.
  std::string Run(const std::string& program, std::vector<std::string> arguments) const;
  /// The same for a program that prints `count` numbers.
  [[nodiscard]] std::vector<double> Figures(const std::string& program,
                                            std::vector<std::string> arguments,
                                            std::size_t count) const;

  /// Runs a load that prints a JSON object. Each number in it becomes a sample of SERIES.MEMBER.
  void Measure(const std::string& series, const std::string& program,
               std::vector<std::string> arguments);
  /// The same for a load that was started before. Waits for its end.
  void CollectFrom(const std::string& series, tests::Process& load);
  /// A unique number for a load, an instance or a topic of this run.
  [[nodiscard]] std::string NextLoad() { return std::to_string(++loads_); }

  void Report(const std::string& figure, const std::string& unit, const std::string& series);
  void Report(const std::string& figure, const std::string& unit, const std::string& series,
              const Against& against);
  void Add(Row row) { rows_.push_back(std::move(row)); }
  /// Prints the collected rows below this title and clears them.
  void PrintTable(const std::string& title);

  /// One node of Kafka, started at the first call. Tests bring their own.
  const tests::Broker& broker();

 private:
  Options options_;
  Samples samples_;
  std::vector<Row> rows_;
  int loads_ = 0;
  std::unique_ptr<tests::Broker> broker_;
};

/// "0.1"
[[nodiscard]] std::string Text(double number);

}  // namespace bench
