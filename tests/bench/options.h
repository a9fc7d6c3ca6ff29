#pragma once

#include <cstddef>
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
  int rounds = 0;        ///< By default derived from `quick` and `smoke`.
  std::size_t rows = 0;  ///< Of the spool to be replayed; 0: the section decides.
  std::string bin;
  std::filesystem::path directory;

  /// The length of a measurement.
  [[nodiscard]] double Seconds() const;
  /// True if a section may measure only some of its figures.
  [[nodiscard]] bool IsShort() const { return quick || smoke; }
};

/// A parsed command line: options, or the text to print before the program ends.
struct Parsed {
  std::optional<Options> options;
  std::string output{};  ///< For standard output if the status is 0, else for standard error.
  int status = 0;
};

/// `sections` are all known sections, which are also the default.
[[nodiscard]] Parsed ParseOptions(std::vector<std::string> arguments,
                                  const std::vector<std::string>& sections);

}  // namespace bench
