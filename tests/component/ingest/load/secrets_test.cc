#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/fd.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using std::chrono::seconds;

// There is no Kafka: a sender with a valid secret gets this status, one without gets 401.
constexpr int kAdmitted = 503;

/// Sends callbacks with one secret, one after the other, until destroyed.
class Sender {
 public:
  Sender(std::uint16_t port, const std::string& secret)
      : thread_([this, port, secret](const std::stop_token& stop) {
          RawConnection connection(port);
          while (!stop.stop_requested()) {
            connection.Send(PostOf("/callbacks/webid", secret, "{}"));
            ++(StatusOf(connection.ReadAnswer()) == kAdmitted ? accepted_ : refused_);
          }
        }) {}

  [[nodiscard]] int accepted() const { return accepted_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  std::atomic<int> accepted_ = 0;
  std::atomic<int> refused_ = 0;
  std::jthread thread_;  // Last: its thread uses the members above.
};

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest()
      : file(directory.Write("webid", "always\nsecret-0\n")),
        ingest({.more_providers = "  webid: { authorization_file: " + file.string() + " }\n"}) {}

  int StatusWith(const std::string& secret) const {
    return tests::Post(ingest.Url("/callbacks/webid"), "{}", {{"Authorization", secret}}).status;
  }
  /// Replaces the file while it may be read, like a deployment.
  void Replace(const std::string& lines) {
    std::filesystem::rename(directory.Write("webid.new", lines), file);
  }
  std::size_t CountInLog(const std::string& event) {
    const std::string log = ingest.process().StandardError();
    std::size_t count = 0;
    for (auto at = log.find(event); at != std::string::npos; at = log.find(event, at + 1)) ++count;
    return count;
  }

  tests::TempDirectory directory;
  std::filesystem::path file;
  RunningIngest ingest;
};

TEST_F(SecretsTest, RotateUnderTrafficWithoutARefusal) {
  constexpr int kRotations = 60;
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 4; ++i) senders.push_back(std::make_unique<Sender>(ingest.port(), "always"));
  const auto accepted = [&] {
    int sum = 0;
    for (const auto& sender : senders) sum += sender->accepted();
    return sum;
  };
  for (int rotation = 1; rotation <= kRotations; ++rotation) {
    Replace("secret-" + std::to_string(rotation) + "\nalways\n");
    ingest.process().Signal(SIGHUP);
    const int before = accepted();
    ASSERT_TRUE(tests::WaitUntil([&] { return accepted() > before + 20; }, seconds(20),
                                 std::chrono::milliseconds(1)));
  }
  const std::string last = "secret-" + std::to_string(kRotations);
  EXPECT_TRUE(tests::WaitUntil([&] { return StatusWith(last) == kAdmitted; }, seconds(10)));
  EXPECT_EQ(StatusWith("secret-0"), 401);
  EXPECT_EQ(StatusWith("secret-" + std::to_string(kRotations - 1)), 401);
  for (const auto& sender : senders) EXPECT_EQ(sender->refused(), 0);
}

TEST_F(SecretsTest, StayInForceWhileTheFileIsMissingEmptyOrUnreadable) {
  const auto reload = [&](const char* what) {
    const std::size_t before = CountInLog("secrets.not_reloaded");
    ingest.process().Signal(SIGHUP);
    EXPECT_TRUE(
        tests::WaitUntil([&] { return CountInLog("secrets.not_reloaded") > before; }, seconds(10)))
        << what;
    EXPECT_EQ(StatusWith("secret-0"), kAdmitted) << what;
  };
  std::filesystem::remove(file);
  reload("missing");
  directory.Write("webid", "");
  reload("empty");
  directory.Write("webid", "\n \n");
  reload("blank");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  reload("a directory");
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  reload("a pipe without a writer");
  std::filesystem::remove(file);
  directory.Write("webid", "fresh\n");
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return StatusWith("fresh") == kAdmitted; }, seconds(10)));
  EXPECT_EQ(StatusWith("secret-0"), 401);
}

TEST_F(SecretsTest, DelayNoStopWhileTheirFileHangs) {
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const common::Fd silent_writer(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  ingest.process().Signal(SIGHUP);
  ingest.process().Signal(SIGTERM);
  // The second signal must exit immediately, without waiting for the file.
  ASSERT_TRUE(ingest.process().WaitForOutput("ingest.draining", seconds(20)));
  ingest.process().Signal(SIGTERM);
  EXPECT_EQ(ingest.process().WaitForExit(seconds(20)), 1);
}

}  // namespace
}  // namespace ingest
