#include "ops/ctl/shell/usage.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace ctl {
namespace {

constexpr std::array<ExitStatus, 5> kExitStatuses = {{
    {0, "done"},
    {1, "failed"},
    {2, "usage error"},
    {3, "done, but not all is as it should be"},
    {4, "unknown here"},
}};

std::string DescribeOption(const OptionSpec& option) {
  constexpr std::size_t kColumn = 30;
  std::string text = "  " + std::string(option.name);
  if (!option.value.empty()) text += " " + std::string(option.value);
  text.resize(std::max(kColumn, text.size() + 2), ' ');
  return text + std::string(option.help) + "\n";
}

std::string Describe(const Command& command) {
  std::string text = Heading(command) + ": " + std::string(command.help) + "\n";
  for (const OptionSpec& option : command.options) text += DescribeOption(option);
  return text;
}

/// Finds the commands that begin with `words`.
std::vector<Command> Find(std::span<const Command> commands,
                          const std::vector<std::string>& words) {
  std::string beginning;
  for (const std::string& word : words) beginning += word + " ";
  std::vector<Command> found;
  std::ranges::copy_if(commands, std::back_inserter(found), [&](const Command& command) {
    return (std::string(command.words) + " ").starts_with(beginning);
  });
  return found;
}

}  // namespace

std::string Heading(const Command& command) {
  std::string heading(command.words);
  for (const std::string_view operand : command.operands) heading += " " + std::string(operand);
  return heading;
}

std::span<const ExitStatus> ExitStatuses() { return kExitStatuses; }

std::string Usage(std::span<const Command> commands, std::vector<std::string> words) {
  std::vector<Command> described = Find(commands, words);
  while (described.empty() && !words.empty()) {
    words.pop_back();
    described = Find(commands, words);
  }
  std::string text = "usage: sluicectl COMMAND [OPTION…]\n";
  for (const Command& command : described) text += "\n" + Describe(command);
  text += "\noptions of every command, before or after it:\n";
  for (const OptionSpec& option : GlobalOptions()) text += DescribeOption(option);
  text += "\nbesides: help [COMMAND], version, completion bash|zsh|fish, man-page\n\nexit status:";
  for (const ExitStatus& status : kExitStatuses) {
    text += (status.number == 0 ? " " : "; ") + std::to_string(status.number) + " " +
            std::string(status.meaning);
  }
  return text + "\n";
}

}  // namespace ctl
