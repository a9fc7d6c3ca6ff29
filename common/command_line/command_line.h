#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace common {

/// A mistake on a command line.
struct CommandLineMistake {
  enum class Kind {
    kUnexpected,    ///< No such option, or a word where none is expected.
    kNeedsValue,    ///< The option stands last.
    kTakesNoValue,  ///< --flag=VALUE
    kGivenTwice,    ///< Only for options whose policy is CLI11's default, to throw.
  };

  Kind kind{};
  /// "--option", without the value, which might be a secret. Otherwise the unexpected word.
  std::string argument;
};

/// The words of one program. `needs`: the end of "--option needs …", such as "a value".
/// `unexpected`: the whole text for kUnexpected.
struct MistakeWords {
  std::string needs;
  std::string unexpected;
};
[[nodiscard]] std::string Describe(const CommandLineMistake& mistake, const MistakeWords& words);

/// Parses `arguments` (without the program's name) with CLI11. The next argument after an option
/// with a value is its value, even if it begins with a dash. --name= is an empty value.
/// Precondition: the options of `app` have no validators and none is required.
[[nodiscard]] std::optional<CommandLineMistake> ParseCommandLine(
    CLI::App& app, const std::vector<std::string_view>& arguments);

}  // namespace common
