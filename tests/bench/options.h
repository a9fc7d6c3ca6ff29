#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// The command line of sluice-bench.
struct Options {
  std::vector<std::string> sections;
  bool quick = false;
  bool smoke = false;
  int rounds = 0;  ///< Filled in from `quick` and `smoke` if it is not given.
  std::string bin;
  std::filesystem::path directory;

  /// The length of a measurement.
  [[nodiscard]] double Seconds() const;
  /// True if some figures of a section are enough.
  [[nodiscard]] bool IsShort() const { return quick || smoke; }
};

/// What a command line comes to: options, or what to print before the program ends.
struct Parsed {
  std::optional<Options> options;
  std::string output{};  ///< For standard output if the status is 0, else for standard error.
  int status = 0;
};

/// `sections` are the known ones, and the default.
[[nodiscard]] Parsed ParseOptions(std::vector<std::string> arguments,
                                  const std::vector<std::string>& sections);

}  // namespace bench
