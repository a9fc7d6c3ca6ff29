#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soak {

/// The command line of sluice-soak. What is not given is the scenario's own default.
struct Options {
  std::string scenario;
  std::optional<int> rate;
  std::optional<int> seconds;
  std::optional<int> count;
  std::optional<int> callbacks;
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

  /// Sanitizers keep what is freed: sizes say nothing.
  [[nodiscard]] bool MeasuresMemory() const { return !preset.ends_with("san"); }
};

/// What a command line comes to: options, or what to print before the program ends.
struct Parsed {
  std::optional<Options> options;
  std::string output{};  ///< For standard output where the status is 0, else for standard error.
  int status = 0;
};

[[nodiscard]] Parsed ParseOptions(std::vector<std::string> arguments,
                                  const std::vector<std::string>& scenarios);

}  // namespace soak
