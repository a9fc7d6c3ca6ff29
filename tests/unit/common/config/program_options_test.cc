#include "common/config/program_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace common::config {
namespace {

using testing::HasSubstr;

/// "config FILE", "check FILE", "ask FILE" or "STATUS: text".
std::string Parsed(const std::vector<std::string_view>& arguments) {
  const auto parsed = ParseProgramOptions("ingest", arguments);
  if (const auto* end = std::get_if<ProgramEnd>(&parsed)) {
    return std::to_string(end->status) + ": " + end->text;
  }
  const auto& options = std::get<ProgramOptions>(parsed);
  return (options.online       ? "ask "
          : options.check_only ? "check "
                               : "config ") +
         options.config_file;
}

TEST(ProgramOptions, ParseTheConfigurationFile) {
  EXPECT_EQ(Parsed({"--config", "f.yaml"}), "config f.yaml");
  EXPECT_EQ(Parsed({"--config=f.yaml"}), "config f.yaml");
  EXPECT_EQ(Parsed({"--check", "--config", "f.yaml"}), "check f.yaml");
  EXPECT_EQ(Parsed({"--config", "f.yaml", "--check"}), "check f.yaml");
  EXPECT_EQ(Parsed({"--check", "--online", "--config", "f.yaml"}), "ask f.yaml");
}

TEST(ProgramOptions, PrintVersionAndHelp) {
  EXPECT_EQ(Parsed({"--version"}), std::string("0: ingest ") + SLUICE_VERSION + "\n");
  EXPECT_THAT(Parsed({"--config", "f.yaml", "--help"}),
              HasSubstr("0: usage: ingest --config FILE"));
  EXPECT_EQ(Parsed({"-h"}), Parsed({"--help"}));
  EXPECT_EQ(Parsed({"--no-such", "--help", "--config"}), Parsed({"--help"}));
}

TEST(ProgramOptions, ExitWithStatus2IfInvalid) {
  EXPECT_EQ(Parsed({}), "2: --config FILE is missing");
  EXPECT_EQ(Parsed({"--check"}), "2: --config FILE is missing");
  EXPECT_EQ(Parsed({"--config"}), "2: --config needs a file");
  EXPECT_EQ(Parsed({"--config="}), "2: --config FILE is missing");
  EXPECT_EQ(Parsed({"--config", "f", "more"}), "2: unknown argument 'more'");
  EXPECT_EQ(Parsed({"--conf", "f"}), "2: unknown argument '--conf'");
  EXPECT_EQ(Parsed({"--online", "--config", "f"}), "2: --online needs --check");
  EXPECT_EQ(Parsed({"--check=yes", "--config", "f"}), "2: --check takes no value");
}

TEST(ConfigFile, IsReadWhole) {
  const tests::TempDirectory directory;
  EXPECT_EQ(*ReadConfigFile(directory.Write("f.yaml", "a: 1\n")), "a: 1\n");
}

TEST(ConfigFile, IsNamedInTheErrorIfUnreadable) {
  const auto text = ReadConfigFile("/nowhere/f.yaml");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().detail,
            "the file /nowhere/f.yaml cannot be read: No such file or directory");
  EXPECT_FALSE(ReadConfigFile("/"));
}

}  // namespace
}  // namespace common::config
