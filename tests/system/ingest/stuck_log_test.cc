#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <regex>
#include <string>

#include "common/base/fd.h"
#include "tests/harness/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"
#include "tests/system/ingest/table_world.h"

// Promise P2 while nobody reads the log: a hanging journal, a stopped terminal.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// ingest with its log in a small pipe, which is read only on the test's request.
class PipedIngest {
 public:
  explicit PipedIngest(const RunningIngest::Options& options) {
    const auto config = directory_.Write("ingest.yaml", RunningIngest::ConfigText(options));
    const std::string pipe = (directory_.path() / "log").string();
    if (::mkfifo(pipe.c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
    log_ = common::Fd(::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    ::fcntl(log_.get(), F_SETPIPE_SZ, 4096);
    process_ = std::make_unique<tests::Process>(
        "/bin/sh", std::vector<std::string>{"-c", "exec \"$0\" --config \"$1\" 2>\"$2\"",
                                            tests::Binary("ingest"), config.string(), pipe});
    std::smatch ports;
    const bool is_listening = tests::WaitUntil(
        [&] {
          Read();
          return std::regex_search(text_, ports, std::regex("\"port\":(\\d+),\"admin_port\""));
        },
        seconds(10));
    if (!is_listening) throw std::runtime_error("ingest does not listen: " + text_);
    port_ = static_cast<std::uint16_t>(std::stoi(ports[1]));
  }

  void Read() {
    std::array<char, 4096> bytes{};
    for (ssize_t size = 0; (size = ::read(log_.get(), bytes.data(), bytes.size())) > 0;) {
      text_.append(bytes.data(), static_cast<std::size_t>(size));
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] tests::Process& process() { return *process_; }

 private:
  tests::TempDirectory directory_;
  common::Fd log_;
  std::string text_;
  std::unique_ptr<tests::Process> process_;
  std::uint16_t port_ = 0;
};

TEST(AnswersWhileNobodyReadsTheLog, ComeInTimeAndTheLogCountsDroppedLines) {
  PipedIngest ingest(TableOptions("ack_deadline: 500ms\n"));
  // Each provider and situation logs its own line: many times what the pipe holds.
  std::vector<RequestVariant> variants = RefusedRequests();
  const TableResult result = RunTable(ingest.port(), variants, kNotDurable);
  EXPECT_THAT(result.mismatches, ::testing::IsEmpty());
  EXPECT_LT(result.slowest, seconds(9));
  ingest.Read();
  // Complete lines again, which count the dropped ones.
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        tests::RawClient client(ingest.port());
        client.Send(Post({Senders()[0], "-", "{}"}));
        (void)client.Read();
        ingest.Read();
        return ingest.text().find("\"event\":\"log.dropped\"") != std::string::npos;
      },
      seconds(10), milliseconds(100)))
      << ingest.text();
  EXPECT_EQ(ingest.process().Terminate(seconds(20)), 0);
}

}  // namespace
}  // namespace ingest
