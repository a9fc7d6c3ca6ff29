#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soak {

/// The command line of sluice-soak. The scenario has defaults for missing values.
struct Options {
  std::string scenario;
  std::optional<int> rate;
  std::optional<int> seconds;
  std::optional<int> count;
  std::optional<int> callbacks;
  int lose = 0;  ///< Percent of the callbacks.
  int runs = 1;
  int nodes = 1;
  std::optional<int> copies;
  int scale = 30;
  bool healthy = false;
  bool poison = false;
  bool dead_partition = false;
  std::optional<std::uint64_t> seed;
  std::string preset = "release";
  std::string bin;
  std::string old;  ///< The binaries of an earlier commit.

  /// Sanitizers keep freed memory, so sizes mean nothing.
  [[nodiscard]] bool MeasuresMemory() const { return !preset.ends_with("san"); }
};

/// The result of parsing a command line: options, or a text to print before exiting.
struct Parsed {
  std::optional<Options> options;
  std::string output{};  ///< For standard output if the status is 0, otherwise for standard error.
  int status = 0;
};

[[nodiscard]] Parsed ParseOptions(std::vector<std::string> arguments,
                                  const std::vector<std::string>& scenarios);

}  // namespace soak
