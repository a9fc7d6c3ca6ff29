#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fd.h"
#include "common/config/document.h"
#include "common/config/secret_file.h"
#include "common/config/secrets.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kSecret = "s3cr3t";

std::vector<std::string> ReadSecretOf(const std::string& text, std::string& secret,
                                      const Variables& variables = {}) {
  return MistakesOf(
      text, [&](const Section& root) { ReadSecret(root, "secret", secret); }, variables);
}

TEST(Secret, ComesFromTheConfigurationTheEnvironmentOrItsOwnFile) {
  const tests::TempDirectory directory;
  const std::string path = directory.Write("secret", std::string(kSecret) + "\n");
  for (const std::string& text : std::vector<std::string>{
           "secret: s3cr3t", "secret: ${S}", "secret: s3cr${T}", "secret_file: " + path}) {
    SCOPED_TRACE(text);
    std::string secret;
    EXPECT_THAT(ReadSecretOf(text, secret, {{"S", "s3cr3t"}, {"T", "3t"}}), IsEmpty());
    EXPECT_EQ(secret, kSecret);
  }
}

TEST(Secret, LosesOnlyOneTrailingNewline) {
  const tests::TempDirectory directory;
  const struct {
    std::string_view content;
    std::string_view secret;
  } kCases[] = {{"a b ", "a b "}, {"a\n", "a"}, {"a\r\n", "a"}, {"a\n\n", "a\n"}, {" \n", " "}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.content);
    const auto secret = ReadSecretFile(directory.Write("secret", c.content));
    ASSERT_TRUE(secret);
    EXPECT_EQ(*secret, c.secret);
  }
}

TEST(Secret, NeverAppearsInAMistake) {
  const tests::TempDirectory directory;
  const std::string path = directory.Write("secret", std::string(kSecret));
  const std::string empty = directory.Write("empty", "\n");
  const std::string missing = directory.path() / "missing";
  const struct {
    std::string text;
    std::string mistake;
  } kCases[] = {
      {"secret: [s3cr3t]", "f.yaml:1:9: secret: expected a string"},
      {"secret: {s3cr3t: s3cr3t}", "f.yaml:1:9: secret: expected a string"},
      {"secret: ''", "f.yaml:1:9: secret: must not be empty"},
      {"secret: s3cr3t\nsecret_file: " + path,
       "f.yaml:2:14: secret_file: conflicts with secret: set only one of them"},
      {"secret_file: " + empty, "f.yaml:1:14: secret_file: the file " + empty + " is empty"},
      {"secret_file: " + missing, "f.yaml:1:14: secret_file: the file " + missing +
                                      " cannot be read: No such file or directory"},
      {"secret_file: /dev/zero",
       "f.yaml:1:14: secret_file: the file /dev/zero is larger than 1 MiB"},
      {"secret_file: [a]", "f.yaml:1:14: secret_file: expected a string"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    std::string secret = "before";
    EXPECT_THAT(ReadSecretOf(c.text, secret), ElementsAre(c.mistake));
    EXPECT_EQ(secret, "before");
  }
}

TEST(Secret, IsReadFromAList) {
  std::vector<std::string> secrets;
  const auto read = [&](const Section& root) { ReadSecrets(root, "list", secrets); };
  EXPECT_THAT(MistakesOf("list: [\"${NEW}\", old]", read, {{"NEW", "new"}}), IsEmpty());
  EXPECT_THAT(secrets, ElementsAre("new", "old"));
  EXPECT_THAT(MistakesOf("list: s3cr3t", read),
              ElementsAre("f.yaml:1:7: list: expected a list, such as [a, b]"));
  EXPECT_THAT(MistakesOf("list: []", read),
              ElementsAre("f.yaml:1:7: list: must contain at least one value"));
  EXPECT_THAT(MistakesOf("list: [s3cr3t, \"${EMPTY}\"]", read, {{"EMPTY", ""}}),
              ElementsAre("f.yaml:1:16: list[1]: expected a non-empty string"));
}

TEST(SecretLines, TimeOutOnASilentPipe) {
  const tests::TempDirectory directory;
  const std::string path = (directory.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(ReadSecretLines(path)) << "the pipe has no writer";
  const Fd writer(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  const auto silent = ReadSecretLines(path);
  ASSERT_FALSE(silent) << "the writer is silent";
  EXPECT_THAT(silent.error().detail, testing::HasSubstr("imed out"));
  ASSERT_EQ(::write(writer.get(), "a\nb\n", 4), 4);
  EXPECT_FALSE(ReadSecretLines(path)) << "without end of file the last secret may be incomplete";
}

TEST(SecretLines, TrimSecretsAndSkipEmptyLines) {
  const tests::TempDirectory directory;
  const auto lines = ReadSecretLines(directory.Write("lines", "\n  new one \r\n\n\told\n \n"));
  ASSERT_TRUE(lines);
  EXPECT_THAT(*lines, ElementsAre("new one", "old"));
  EXPECT_THAT(*ReadSecretLines(directory.Write("last", "a\nb")), ElementsAre("a", "b"));
  EXPECT_FALSE(ReadSecretLines(directory.Write("empty", " \n\n")));
  EXPECT_FALSE(ReadSecretLines(directory.path() / "missing"));
  EXPECT_FALSE(ReadSecretLines(directory.path()));
}

}  // namespace
}  // namespace common::config
