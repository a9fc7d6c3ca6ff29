#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// Some supervisors start programs with closed standard streams. No descriptor that the program
// opens itself may then get the number of a standard stream.
namespace tests {
namespace {

using std::chrono::seconds;

/// A program started with closed streams; reads its open descriptors from /proc.
class StartedWithout {
 public:
  StartedWithout(const std::string& closed, const std::string& program,
                 std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", "exec \"$0\" \"$@\" " + closed, Binary(program)});
    process = std::make_unique<Process>("/bin/sh", arguments);
  }

  [[nodiscard]] std::string Open(int descriptor) const {
    std::error_code gone;
    return std::filesystem::read_symlink(
               "/proc/" + std::to_string(process->pid()) + "/fd/" + std::to_string(descriptor),
               gone)
        .string();
  }
  /// Waits until the program has opened this descriptor.
  [[nodiscard]] bool WaitUntilItHasOpened(int descriptor) const {
    return WaitUntil([=, this] { return !Open(descriptor).empty(); }, seconds(30));
  }

  std::unique_ptr<Process> process;
};

struct Started {
  const char* program;
  std::vector<std::string> arguments;
};

TEST(StandardStreams, AreDevNullInServersStartedWithoutThem) {
  const TempDirectory directory;
  const std::string ingest = directory
                                 .Write("ingest.yaml",
                                        "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n"
                                        "kafka: { bootstrap.servers: \"127.0.0.1:1\" }\n")
                                 .string();
  const std::string consumer =
      directory
          .Write("consumer.yaml",
                 "admin: 127.0.0.1:0\nkafka: { bootstrap.servers: \"127.0.0.1:1\" }\n"
                 "assure: { base_url: \"http://127.0.0.1:1\", token_url: \"http://127.0.0.1:1\", "
                 "client_id: a, client_secret: b, scope: c }\n")
          .string();
  const std::vector<Started> servers = {
      {"ingest", {"--config", ingest}},
      {"consumer", {"--config", consumer}},
      {"assure-sim", {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}}};
  for (const Started& server : servers) {
    StartedWithout started("<&- >&- 2>&-", server.program, server.arguments);
    ASSERT_TRUE(started.WaitUntilItHasOpened(12)) << server.program;
    for (const int stream : {0, 1, 2}) {
      EXPECT_EQ(started.Open(stream), "/dev/null") << stream << " of " << server.program;
    }
    EXPECT_TRUE(started.process->IsRunning()) << server.program;
    EXPECT_EQ(started.process->Terminate(seconds(30)), 0) << server.program;
  }
}

TEST(StandardStreams, StayUnchangedIfOpen) {
  StartedWithout started("<&-", "assure-sim",
                         {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"});
  ASSERT_TRUE(started.WaitUntilItHasOpened(12));
  EXPECT_EQ(started.Open(0), "/dev/null");
  EXPECT_NE(started.Open(2), "/dev/null");
}

TEST(StandardStreams, MayBeClosedWithoutChangingSluicectlsStatus) {
  // Its error message goes nowhere.
  StartedWithout started("<&- >&- 2>&-", "sluicectl",
                         {"topics", "check", "--bootstrap", "127.0.0.1:1"});
  ASSERT_TRUE(started.WaitUntilItHasOpened(5));
  for (const int stream : {0, 1, 2}) EXPECT_EQ(started.Open(stream), "/dev/null") << stream;
  EXPECT_EQ(started.process->WaitForExit(seconds(60)), 1);
}

}  // namespace
}  // namespace tests
