// sluicectl as a process: its time limit, and the completion script in a real shell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <string>

#include "common/base/fd.h"
#include "tests/harness/process.h"

namespace ctl {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// Accepts connections (in its backlog) and never answers.
class SilentServer {
 public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_.get(), generic, size) != 0 || ::listen(fd_.get(), 8) != 0 ||
        ::getsockname(fd_.get(), generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  common::Fd fd_;
  int port_ = 0;
};

TEST(SluicectlTimeLimit, EndsACommandWithStatus1) {
  const SilentServer server;
  const auto run = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"topics", "check", "--bootstrap", server.address(), "--timeout", "300ms"}, seconds(60));
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.error_output, "sluicectl: not done within 300ms\n");
}

// `status --watch` ends with status 0 after a signal.
TEST(SluicectlTimeLimit, EndsACommandThatHandlesSignalsWithStatus1) {
  const SilentServer server;
  const auto run = tests::RunProgram(
      tests::Binary("sluicectl"),
      {"status", "--watch", "--bootstrap", server.address(), "--timeout", "300ms"}, seconds(60));
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error_output, HasSubstr("sluicectl: not done within 300ms\n"));
}

TEST(SluicectlTimeLimit, DoesNotChangeACommandThatIsDoneBefore) {
  const auto run =
      tests::RunProgram(tests::Binary("sluicectl"), {"providers", "--timeout", "1h"}, seconds(60));
  EXPECT_EQ(run.status, 0) << run.error_output;
}

TEST(SluicectlCompletion, WorksInBash) {
  const std::string sluicectl = tests::Binary("sluicectl");
  const auto complete = [&](const std::string& words) {
    const std::string script = "eval \"$('" + sluicectl + "' completion bash)\"; COMP_WORDS=('" +
                               sluicectl + "' " + words +
                               "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sluicectl; "
                               "echo \"${COMPREPLY[@]}\"";
    return tests::RunProgram("/bin/bash", {"--norc", "-euc", script}, seconds(60));
  };
  EXPECT_EQ(complete("topics cr").output, "create\n") << complete("topics cr").error_output;
  EXPECT_EQ(complete("status --wat").output, "--watch\n");
  EXPECT_EQ(complete("--config ''").output, "\n");
  EXPECT_EQ(complete("--config = d").output, "\n") << "as bash takes --config=d apart";
}

}  // namespace
}  // namespace ctl
