// ops/kafka/start and ops/kafka/stop, called as the Broker fixture, the demo and people call them.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono_literals::operator""s;

Finished Start(const TempDirectory& directory, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"--dir", directory.path().string()});
  return RunProgram(SourcePath("ops/kafka/start"), options, 60s);
}

Finished Stop(const TempDirectory& directory) {
  return RunProgram(SourcePath("ops/kafka/stop"), {"--dir", directory.path().string()}, 60s);
}

TEST(KafkaScripts, StartPrintsOnlyTheAddressAlsoIfAlreadyRunning) {
  const TempDirectory directory;
  const auto first = Start(directory);
  ASSERT_EQ(first.status, 0) << first.error_output;
  EXPECT_EQ(first.output, ReadFile(directory.path() / "bootstrap"));
  const auto pid = ReadFile(directory.path() / "node-1.pid");

  const auto second = Start(directory);
  EXPECT_EQ(second.status, 0) << second.error_output;
  EXPECT_EQ(second.output, first.output);
  EXPECT_EQ(ReadFile(directory.path() / "node-1.pid"), pid);

  const auto fresh = Start(directory, {"--fresh"});
  EXPECT_EQ(fresh.status, 0) << fresh.error_output;
  EXPECT_NE(ReadFile(directory.path() / "node-1.pid"), pid);

  EXPECT_EQ(Stop(directory).status, 0);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "node-1.pid"));
}

TEST(KafkaScripts, StopSparesAnotherProcessWithThePidOfABroker) {
  const TempDirectory directory;
  Process bystander("/bin/sleep", {"60"});
  directory.Write("node-1.pid", std::to_string(bystander.pid()) + "\n");
  directory.Write("node-1.properties", "");

  EXPECT_EQ(Stop(directory).status, 0);

  EXPECT_TRUE(bystander.IsRunning());
}

TEST(KafkaScripts, ClusterEndsWithItsOwner) {
  const TempDirectory directory;
  Process owner("/bin/sleep", {"60"});
  ASSERT_EQ(Start(directory, {"--owner", std::to_string(owner.pid())}).status, 0);
  const auto command =
      "/proc/" + std::to_string(std::stoi(ReadFile(directory.path() / "node-1.pid"))) + "/cmdline";
  ASSERT_NE(ReadFile(command), "");

  owner.Kill();

  EXPECT_TRUE(WaitUntil([&] { return ReadFile(command).empty(); }, 30s));
}

TEST(KafkaScripts, StopSucceedsWithoutACluster) {
  const TempDirectory directory;
  EXPECT_EQ(Stop(directory).status, 0);
}

TEST(KafkaScripts, StopEndsAFrozenBroker) {
  const TempDirectory directory;
  ASSERT_EQ(Start(directory).status, 0);
  const auto pid = std::stoi(ReadFile(directory.path() / "node-1.pid"));
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);

  EXPECT_EQ(Stop(directory).status, 0);

  EXPECT_EQ(ReadFile("/proc/" + std::to_string(pid) + "/cmdline"), "");
}

TEST(KafkaScripts, RejectUnknownOptions) {
  EXPECT_EQ(RunProgram(SourcePath("ops/kafka/start"), {"--nodes", "2"}, 10s).status, 2);
  EXPECT_EQ(RunProgram(SourcePath("ops/kafka/stop"), {"--nonsense"}, 10s).status, 2);
}

}  // namespace
}  // namespace tests
