// Compares the documents with sluicectl's help and command-line parser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ops/ctl/commands.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/usage.h"
#include "tests/harness/process.h"
#include "tests/support/markdown.h"

namespace tests {
namespace {

/// All calls of sluicectl in a document, inline or in code blocks, including trailing comments.
std::vector<std::string> CallsIn(const std::string& markdown) {
  static const std::regex kCall(R"((^    |`|/)sluicectl ([^`]*))");
  std::vector<std::string> calls;
  std::istringstream text(markdown);
  bool is_help = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) is_help = !is_help;
    std::smatch call;
    if (!is_help && std::regex_search(line, call, kCall)) calls.push_back(call[2]);
  }
  return calls;
}

bool Knows(const ctl::Command& command, const std::string& option) {
  const auto has_name = [&](const ctl::OptionSpec& spec) { return spec.name == option; };
  return std::ranges::any_of(command.options, has_name) ||
         std::ranges::any_of(ctl::GlobalOptions(), has_name);
}

/// The mistake in a call; empty if it is valid.
std::string MistakeIn(const std::string& call) {
  const std::size_t comment = std::min(call.find(" #"), call.size());
  std::istringstream words(call.substr(0, comment));
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  const auto parsed = ctl::ParseCommandLine(ctl::Commands(), {arguments.begin(), arguments.end()});
  if (!parsed) return parsed.error().detail;
  const auto* const chosen = std::get_if<ctl::Call>(&*parsed);
  if (chosen == nullptr) return {};
  // Options that a comment suggests.
  static const std::regex kOption("--[a-z-]+");
  for (std::sregex_iterator option(call.begin(), call.end(), kOption), end; option != end;
       ++option) {
    if (!Knows(*chosen->command, option->str())) return "no option " + option->str();
  }
  return {};
}

std::vector<std::string> Documents() {
  std::vector<std::string> paths = {SourcePath("README.md")};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SourcePath("ops/docs"))) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
  }
  return paths;
}

TEST(Documents, CallSluicectlOnlyAsItCanBeCalled) {
  std::size_t seen = 0;
  for (const std::string& path : Documents()) {
    for (const std::string& call : CallsIn(ReadFile(path))) {
      EXPECT_EQ(MistakeIn(call), "") << path << ": sluicectl " << call;
      ++seen;
    }
  }
  EXPECT_GT(seen, 15U);
}

TEST(Documents, ShowTheHelpOfSluicectlAsItIs) {
  EXPECT_EQ(BlockUnder(ReadFile(SourcePath("ops/docs/configuration.md")), "### sluicectl"),
            ctl::Usage(ctl::Commands()));
}

}  // namespace
}  // namespace tests
