// Compares the README with what the binaries accept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/temp_directory.h"
#include "tests/unit/ops/docs/configuration_reference.h"

namespace tests {
namespace {

using testing::IsEmpty;

/// The YAML of the README, with secret files where it refers to them.
std::string YamlOfReadme(bool is_consumers, const TempDirectory& secrets) {
  const std::string readme = ReadFile(SourcePath("README.md"));
  std::string yaml;
  static constexpr std::string_view kFence = "```yaml\n";
  for (std::size_t at = 0; (at = readme.find(kFence, at)) != std::string::npos;) {
    at += kFence.size();
    const std::string block = readme.substr(at, readme.find("```", at) - at);
    if ((block.find("assure:") != std::string::npos) == is_consumers) yaml += block;
  }
  static constexpr std::string_view kSecrets = "/run/secrets/";
  for (std::size_t at = 0; (at = yaml.find(kSecrets, at)) != std::string::npos;) {
    const std::size_t name = at + kSecrets.size();
    const std::string file = yaml.substr(name, yaml.find_first_of(" }\n", name) - name);
    const std::string path = secrets.Write(file, "Bearer secret\n").string();
    yaml.replace(at, kSecrets.size() + file.size(), path);
    at += path.size();
  }
  return yaml;
}

std::optional<std::string> AnySecret(const std::string& /*name*/) { return "Bearer secret"; }

TEST(Readme, ShowsValidConfigurations) {
  const TempDirectory secrets;
  const auto ingest = ingest::ReadConfig(YamlOfReadme(false, secrets), AnySecret, AcceptAny);
  EXPECT_THAT(ingest.problems, IsEmpty()) << ingest.problems.front().message;
  EXPECT_TRUE(ingest.config.spool);
  const auto consumer = consumer::ReadConfig(YamlOfReadme(true, secrets), AnySecret, AcceptAny);
  EXPECT_THAT(consumer.problems, IsEmpty()) << consumer.problems.front().message;
  EXPECT_NE(consumer.config.fetch.client_secret, "");
}

}  // namespace
}  // namespace tests
