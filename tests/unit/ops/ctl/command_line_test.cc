#include "ops/ctl/shell/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <set>

#include "ops/ctl/commands.h"

namespace ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

common::Result<int> DoNothing(const Arguments& /*arguments*/, Output& /*output*/) { return 0; }

const std::vector<Command>& TwoCommands() {
  static const std::vector<Command> kCommands = {
      {"topics create", "makes them", {{"--partitions", "N", "how many"}}, DoNothing},
      {"send", "sends one", {{"--dry", "", "does not"}}, DoNothing},
      {"dead show", "shows one", {}, DoNothing, {"PARTITION:OFFSET"}},
  };
  return kCommands;
}

/// The parsed call as text, such as "topics create --partitions=3 --json", or the error.
std::string Parsed(const std::vector<std::string_view>& arguments) {
  const auto parsed = ParseCommandLine(TwoCommands(), arguments);
  if (!parsed) {
    EXPECT_EQ(parsed.error().remedy, common::Remedy::kReject);
    return "wrong: " + parsed.error().detail;
  }
  if (const auto* answered = std::get_if<Answered>(&*parsed)) return answered->text;
  const Call& call = std::get<Call>(*parsed);
  std::string text(call.command->words);
  for (std::size_t i = 0; i < call.command->operands.size(); ++i) {
    text += " " + call.arguments.Operand(i);
  }
  for (const std::string_view name : {"--partitions", "--bootstrap"}) {
    if (call.arguments.Has(name)) text += " " + std::string(name) + "=" + call.arguments.Text(name);
  }
  for (const std::string_view flag : {"--dry", "--json"}) {
    if (call.arguments.Has(flag)) text += " " + std::string(flag);
  }
  return text;
}

TEST(CommandLine, AcceptsOptionsBeforeBetweenAndAfterTheCommand) {
  constexpr std::string_view kExpected = "topics create --partitions=3 --bootstrap=a:1 --json";
  EXPECT_EQ(Parsed({"topics", "create", "--partitions", "3", "--bootstrap", "a:1", "--json"}),
            kExpected);
  EXPECT_EQ(Parsed({"--bootstrap", "a:1", "--json", "topics", "create", "--partitions=3"}),
            kExpected);
  EXPECT_EQ(Parsed({"--partitions", "3", "topics", "--json", "create", "--bootstrap=a:1"}),
            kExpected);
  EXPECT_EQ(Parsed({"send", "--dry"}), "send --dry");
}

TEST(CommandLine, TreatsOptionAfterValueOptionAsItsValue) {
  EXPECT_EQ(Parsed({"topics", "create", "--partitions", "--json"}),
            "topics create --partitions=--json");
}

TEST(CommandLine, AcceptsOperandsBetweenOptions) {
  EXPECT_EQ(Parsed({"dead", "show", "3:17", "--json"}), "dead show 3:17 --json");
  EXPECT_EQ(Parsed({"--bootstrap=a:1", "dead", "show", "--json", "3:17"}),
            "dead show 3:17 --bootstrap=a:1 --json");
}

TEST(CommandLine, ReportsEachUsageError) {
  EXPECT_EQ(Parsed({}), "wrong: a command is missing; see --help");
  EXPECT_EQ(Parsed({"topics"}), "wrong: unknown command `topics`; see --help");
  EXPECT_EQ(Parsed({"send", "more"}), "wrong: unknown command `send more`; see --help");
  EXPECT_EQ(Parsed({"dead", "list"}), "wrong: unknown command `dead list`; see --help");
  const std::string show = "wrong: `dead show` takes PARTITION:OFFSET and nothing else";
  EXPECT_EQ(Parsed({"dead", "show"}), show);
  EXPECT_EQ(Parsed({"dead", "show", "3:17", "3:18"}), show);
  EXPECT_EQ(Parsed({"send", "--fast"}), "wrong: unknown option --fast");
  EXPECT_EQ(Parsed({"send", "--partitions", "3"}), "wrong: `send` has no option --partitions");
  EXPECT_EQ(Parsed({"send", "--bootstrap"}), "wrong: --bootstrap needs a value: ADDR");
  EXPECT_EQ(Parsed({"send", "--dry=yes"}), "wrong: --dry takes no value");
  EXPECT_EQ(Parsed({"send", "--dry", "--dry"}), "wrong: --dry is given twice");
}

TEST(CommandLine, AnswersHelpAndVersionDespiteOtherArguments) {
  EXPECT_EQ(Parsed({"--version"}), std::string("sluicectl ") + SLUICE_VERSION + "\n");
  EXPECT_THAT(Parsed({"no", "such", "--help"}), HasSubstr("usage: sluicectl COMMAND"));
  const std::string help = Parsed({"--help"});
  EXPECT_THAT(help, HasSubstr("topics create: makes them\n  --partitions N"));
  EXPECT_THAT(help, HasSubstr("dead show PARTITION:OFFSET: shows one\n"));
  EXPECT_THAT(help, HasSubstr("  --json"));
}

TEST(CommandLine, AnswersHelpAndVersionAsCommands) {
  EXPECT_EQ(Parsed({"version"}), Parsed({"--version"}));
  EXPECT_EQ(Parsed({"help"}), Parsed({"--help"}));
  EXPECT_EQ(Parsed({"-h"}), Parsed({"--help"}));
}

TEST(CommandLine, AnswersCompletions) {
  EXPECT_EQ(Parsed({"complete", "topics", ""}), "create\tmakes them\n");
  EXPECT_THAT(Parsed({"complete", "send", "--"}), HasSubstr("--dry\tdoes not\n"));
  EXPECT_THAT(Parsed({"completion", "bash"}), HasSubstr("complete -o bashdefault"));
  EXPECT_EQ(Parsed({"completion"}), "wrong: `completion` takes bash, zsh or fish");
  EXPECT_EQ(Parsed({"completion", "tcsh"}), "wrong: `completion` takes bash, zsh or fish");
  EXPECT_THAT(Parsed({"man-page"}), HasSubstr(".TH SLUICECTL 1"));
}

TEST(CommandLine, DescribesOnlyTheNamedCommandInItsHelp) {
  const std::string help = Parsed({"topics", "create", "--help"});
  EXPECT_THAT(help, HasSubstr("topics create: makes them\n  --partitions N"));
  EXPECT_THAT(help, Not(HasSubstr("send: sends one")));
  EXPECT_EQ(Parsed({"help", "topics", "create"}), help);
  EXPECT_EQ(Parsed({"topics", "-h"}), help);
  EXPECT_EQ(Parsed({"topics", "create", "now", "--help"}), help);
  EXPECT_THAT(Parsed({"dead", "--help"}), HasSubstr("dead show PARTITION:OFFSET"));
}

TEST(CommandLine, SuggestsACommandOrOptionThatIsSpelledAlike) {
  EXPECT_EQ(Parsed({"sedn"}), "wrong: unknown command `sedn`; did you mean `send`? See --help");
  EXPECT_EQ(Parsed({"topic", "create"}),
            "wrong: unknown command `topic create`; did you mean `topics create`? See --help");
  EXPECT_EQ(Parsed({"topics", "--partition=3"}),
            "wrong: unknown option --partition; did you mean --partitions?");
}

TEST(CommandLine, ReadsTheConfigurationFromTheEnvironmentUnlessGiven) {
  ::setenv("SLUICE_CONFIG", "/etc/consumer.yaml", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  const auto config = [](const std::vector<std::string_view>& arguments) {
    const auto parsed = ParseCommandLine(TwoCommands(), arguments);
    return std::get<Call>(*parsed).arguments.Text("--config");
  };
  EXPECT_EQ(config({"send"}), "/etc/consumer.yaml");
  EXPECT_EQ(config({"send", "--config", "mine.yaml"}), "mine.yaml");
  ::unsetenv("SLUICE_CONFIG");  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(config({"send"}), "");
}

TEST(Arguments, ParseRfc3339Times) {
  const Arguments arguments(
      Arguments::Options{{"--from", "2026-11-23T08:00:00+01:00"}, {"--to", "yesterday"}});
  EXPECT_EQ(common::FormatRfc3339(**arguments.Time("--from")), "2026-11-23T07:00:00.000Z");
  EXPECT_EQ(*arguments.Time("--absent"), std::nullopt);
  const auto to = arguments.Time("--to");
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().detail, "--to must be a time as in RFC 3339: 2026-11-23T07:00:00Z");
}

TEST(Arguments, ParseNumbersWithinTheirRange) {
  const Arguments arguments(
      {{"--a", "7"}, {"--b", "11"}, {"--c", "7x"}, {"--d", ""}, {"--e", "-1"}});
  EXPECT_EQ(*arguments.Number("--a", 1, 0, 10), 7);
  EXPECT_EQ(*arguments.Number("--absent", 1, 0, 10), 1);
  for (const std::string_view name : {"--b", "--c", "--d", "--e"}) {
    SCOPED_TRACE(name);
    const auto number = arguments.Number(name, 1, 0, 10);
    ASSERT_FALSE(number);
    EXPECT_EQ(number.error().detail, std::string(name) + " must be a whole number from 0 to 10");
  }
}

TEST(Arguments, TakeSinceForATimeBeforeNow) {
  constexpr common::WallTime kNow{std::chrono::hours(1'000)};
  const auto from = [&](const Arguments::Options& options) {
    const auto read = Arguments(options).From(kNow);
    if (!read) return "wrong: " + read.error().detail;
    return *read ? common::FormatRfc3339(**read) : std::string("none");
  };
  EXPECT_EQ(from({}), "none");
  EXPECT_EQ(from({{"--since", "90m"}}), "1970-02-11T14:30:00.000Z");
  EXPECT_EQ(from({{"--from", "1970-02-11T15:00:00Z"}}), "1970-02-11T15:00:00.000Z");
  EXPECT_EQ(from({{"--since", "1h"}, {"--from", "1970-02-11T15:00:00Z"}}),
            "wrong: --from and --since exclude each other");
  for (const char* bad : {"", "1", "-1h", "0s", "yesterday", "9999d"}) {
    EXPECT_EQ(from({{"--since", bad}}), "wrong: --since must be a duration: 30m, 1h, 2d") << bad;
  }
}

// The parser reads options before it knows the command.
TEST(Commands, AgreeOnWhichOptionsTakeAValue) {
  std::set<std::pair<std::string_view, bool>> options;
  std::set<std::string_view> names;
  const auto add = [&](std::span<const OptionSpec> specs) {
    for (const OptionSpec& spec : specs) {
      options.emplace(spec.name, spec.value.empty());
      names.insert(spec.name);
    }
  };
  add(GlobalOptions());
  for (const Command& command : Commands()) add(command.options);
  EXPECT_EQ(options.size(), names.size());
}

}  // namespace
}  // namespace ctl
