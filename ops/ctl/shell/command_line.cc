#include "ops/ctl/shell/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "common/base/similar.h"
#include "common/command_line/command_line.h"
#include "ops/ctl/shell/completion.h"
#include "ops/ctl/shell/man_page.h"
#include "ops/ctl/shell/usage.h"

namespace ctl {
namespace {

using common::CommandLineMistake;
using common::Error;
using common::Result;
using Words = std::vector<std::string>;
using Names = std::vector<std::string_view>;

constexpr std::array<OptionSpec, 6> kGlobalOptions = {{
    {"--bootstrap", "ADDR", "Kafka's address, host:port[,host:port…]"},
    {"--config", "FILE",
     "a consumer.yaml: its topics, group and Kafka properties; default $SLUICE_CONFIG"},
    {"--json", "", "JSON output"},
    {"--timeout", "DURATION", "ends the command with status 1 if it is not done by then: 10s, 2m"},
    {"--help", "", "this help, or that of the given command; also -h, `help [COMMAND]`"},
    {"--version", "", "the version; also `version`"},
}};
constexpr const char* kWords = "words";  // CLI11's name for positional arguments.

/// Tells CLI11 the options of all commands at once: they may stand before the words of the command.
/// A name has the same meaning in all commands.
void Declare(CLI::App& app, std::span<const Command> commands) {
  const auto declare = [&app](std::span<const OptionSpec> options) {
    for (const OptionSpec& option : options) {
      const std::string name(option.name);
      if (app.get_option_no_throw(name) != nullptr) continue;
      auto* const declared = option.value.empty() ? app.add_flag(name) : app.add_option(name);
      declared->disable_flag_override()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }
  };
  app.set_help_flag();
  app.add_flag("-h,--help")->disable_flag_override();
  declare(kGlobalOptions);
  for (const Command& command : commands) declare(command.options);
  app.get_option("--config")->envname("SLUICE_CONFIG");
  app.add_option(kWords)->allow_extra_args()->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Arguments::Options OptionsIn(const CLI::App& app) {
  Arguments::Options options;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_positional() || option->count() == 0) continue;
    const bool is_flag = option->get_items_expected_max() == 0;
    options[option->get_name()] = is_flag ? std::string() : option->results().front();
  }
  return options;
}

template <typename Texts>
std::string Join(const Texts& texts) {
  std::string joined;
  for (const auto& text : texts) joined += (joined.empty() ? "" : " ") + std::string(text);
  return joined;
}

std::string DescribeMistake(const CommandLineMistake& mistake, std::span<const Command> commands) {
  const std::string& name = mistake.argument;
  const std::vector<OptionSpec> all = AllOptions(commands);
  const auto option = std::ranges::find(all, name, &OptionSpec::name);
  const std::string value = option == all.end() ? std::string() : std::string(option->value);
  Names names;
  for (const OptionSpec& known : all) names.push_back(known.name);
  const auto similar = common::FindSimilar(name, names);
  return Describe(mistake,
                  {.needs = "a value: " + value,
                   .unexpected = "unknown option " + name +
                                 (similar ? "; did you mean " + std::string(*similar) + "?" : "")});
}

Error UnknownCommand(std::span<const Command> commands, const Words& words) {
  Names names{"help", "version", "completion"};
  for (const Command& command : commands) names.push_back(command.words);
  const std::string typed = Join(words);
  const auto similar = common::FindSimilar(typed, names);
  const std::string advice =
      similar ? "did you mean `" + std::string(*similar) + "`? See --help" : "see --help";
  return Reject("unknown command `" + typed + "`; " + advice);
}

/// The command that the first words name; the words after it are its operands.
struct Chosen {
  const Command* command = nullptr;
  Words operands;
};

Result<Chosen> Choose(std::span<const Command> commands, const Words& words) {
  for (const Command& command : commands) {
    const auto count = std::count(command.words.begin(), command.words.end(), ' ') + 1;
    if (std::ssize(words) < count) continue;
    const auto rest = words.begin() + count;
    if (Join(std::vector(words.begin(), rest)) != command.words) continue;
    const auto operands = std::ssize(command.operands);
    const bool may_be_more = operands > 0 && command.operands.back().ends_with("…");
    const bool may_be_fewer = operands > 0 && command.operands.back().starts_with('[');
    const auto given = words.end() - rest;
    if (given == operands || (may_be_more && given > operands) ||
        (may_be_fewer && given == operands - 1)) {
      return Chosen{&command, {rest, words.end()}};
    }
    if (operands == 0) continue;
    return Reject("`" + std::string(command.words) + "` takes " + Join(command.operands) +
                  " and nothing else");
  }
  return UnknownCommand(commands, words);
}

Result<Answered> ScriptFor(const Words& words) {
  const auto script = words.size() == 2 ? CompletionScript(words[1]) : std::nullopt;
  if (script) return Answered{std::string(*script)};
  return Reject("`completion` takes bash, zsh or fish");
}

/// The text for `help`, --help, `version` or --version.
std::optional<std::string> Answer(std::span<const Command> commands, const CLI::App& app,
                                  Words words) {
  const bool is_help = !words.empty() && words.front() == "help";
  if (is_help) words.erase(words.begin());
  if (is_help || app.count("--help") > 0) return Usage(commands, words);
  if (app.count("--version") > 0 || words == Words{"version"}) {
    return std::string("sluicectl ") + SLUICE_VERSION + "\n";
  }
  if (words == Words{"man-page"}) return ManPage(commands);
  return std::nullopt;
}

}  // namespace

OptionSpec SinceOption() {
  return {"--since", "DURATION", "instead of --from: 30m, 1h, 2d before now"};
}

std::span<const OptionSpec> GlobalOptions() { return kGlobalOptions; }

std::vector<OptionSpec> AllOptions(std::span<const Command> commands) {
  std::vector<OptionSpec> all(kGlobalOptions.begin(), kGlobalOptions.end());
  for (const Command& command : commands) {
    all.insert(all.end(), command.options.begin(), command.options.end());
  }
  return all;
}

Result<std::variant<Call, Answered>> ParseCommandLine(
    std::span<const Command> commands, const std::vector<std::string_view>& arguments) {
  using Parsed = std::variant<Call, Answered>;
  // Its words are an unfinished command line.
  if (!arguments.empty() && arguments.front() == "complete") {
    return Parsed(Answered{RenderCompletions(Complete(commands, std::span(arguments).subspan(1)))});
  }
  CLI::App app;
  Declare(app, commands);
  const auto mistake = common::ParseCommandLine(app, arguments);
  if (mistake) return Reject(DescribeMistake(*mistake, commands));
  const Words& words = app.get_option(kWords)->results();
  if (auto text = Answer(commands, app, words)) return Parsed(Answered{*std::move(text)});
  if (!words.empty() && words.front() == "completion") {
    Result<Answered> script = ScriptFor(words);
    if (!script) return script.error();
    return Parsed(*std::move(script));
  }
  if (words.empty()) return Reject("a command is missing; see --help");
  Result<Chosen> chosen = Choose(commands, words);
  if (!chosen) return chosen.error();
  const Command& command = *chosen->command;
  Arguments::Options options = OptionsIn(app);
  for (const auto& [name, value] : options) {
    const auto has = [&name = name](std::span<const OptionSpec> specs) {
      return std::ranges::find(specs, name, &OptionSpec::name) != specs.end();
    };
    if (has(kGlobalOptions) || has(command.options)) continue;
    return Reject("`" + std::string(command.words) + "` has no option " + name);
  }
  return Parsed(Call{&command, Arguments(std::move(options), std::move(chosen->operands))});
}

}  // namespace ctl
