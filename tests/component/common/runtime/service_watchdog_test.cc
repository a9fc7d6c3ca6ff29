#include "common/runtime/service_watchdog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <map>
#include <string>

#include "common/base/fd.h"
#include "common/base/guarded.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace common {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

config::Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(WatchdogRequest, IsReadFromTheEnvironment) {
  const auto request = FindWatchdogRequest(
      Variables(
          {{"NOTIFY_SOCKET", "/run/a"}, {"WATCHDOG_USEC", "40000000"}, {"WATCHDOG_PID", "7"}}),
      7);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->socket, "/run/a");
  EXPECT_EQ(request->limit, seconds(40));
}

TEST(WatchdogRequest, NeedsNoProcess) {
  EXPECT_TRUE(FindWatchdogRequest(Variables({{"NOTIFY_SOCKET", "@a"}, {"WATCHDOG_USEC", "1"}}), 7));
}

TEST(WatchdogRequest, IsNoneWithoutASocketOrALimitOrForAnotherProcess) {
  for (const auto& variables : std::vector<std::map<std::string, std::string>>{
           {{"WATCHDOG_USEC", "1000000"}},
           {{"NOTIFY_SOCKET", "/run/a"}},
           {{"NOTIFY_SOCKET", ""}, {"WATCHDOG_USEC", "1000000"}},
           {{"NOTIFY_SOCKET", std::string(200, 'a')}, {"WATCHDOG_USEC", "1000000"}},
           {{"NOTIFY_SOCKET", "/run/a"}, {"WATCHDOG_USEC", "0"}},
           {{"NOTIFY_SOCKET", "/run/a"}, {"WATCHDOG_USEC", "1s"}},
           {{"NOTIFY_SOCKET", "/run/a"}, {"WATCHDOG_USEC", "1000000"}, {"WATCHDOG_PID", "8"}}}) {
    EXPECT_FALSE(FindWatchdogRequest(Variables(variables), 7)) << testing::PrintToString(variables);
  }
}

/// A service manager's end of NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(name, std::begin(address.sun_path));
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  }

  /// The next message; empty if none comes in time.
  [[nodiscard]] std::string Receive(milliseconds limit) const {
    pollfd wanted{socket_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(limit.count())) <= 0) return {};
    std::array<char, 64> text{};
    const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size))};
  }

  void HandleAll() const {
    while (!Receive(milliseconds(0)).empty()) {
    }
  }

 private:
  Fd socket_;
};

class ServiceWatchdogTest : public testing::Test {
 protected:
  [[nodiscard]] std::optional<WatchdogRequest> Request() const {
    return WatchdogRequest{.socket = name_, .limit = milliseconds(40)};
  }
  ServiceWatchdog::FindStalled Finder() {
    return [this]() -> std::optional<std::string> {
      ++looks_;
      if (is_stalled_) return "a thread stands still";
      return std::nullopt;
    };
  }
  /// After the notification under way has ended.
  void AwaitLooks(int count) {
    const int seen = looks_;
    ASSERT_TRUE(tests::WaitUntil([&] { return looks_ >= seen + count; }, seconds(20)));
  }
  [[nodiscard]] std::string Lines() const {
    return lines_.With([](const std::string& lines) { return lines; });
  }

  const tests::TempDirectory directory_;
  const std::string name_ = (directory_.path() / "notify").string();
  std::atomic<bool> is_stalled_ = false;
  std::atomic<int> looks_ = 0;
  Guarded<std::string> lines_;
  const Logger log_{"test", [this](std::string_view line) {
                      lines_.With([&](std::string& lines) { lines += line; });
                    }};
};

TEST_F(ServiceWatchdogTest, GivesSignsOfLifeUntilSomethingStandsStillAndThenAgain) {
  const Manager manager(name_);
  const ServiceWatchdog watchdog(Request(), Finder(), log_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.Receive(seconds(20)), "WATCHDOG=1");

  is_stalled_ = true;
  AwaitLooks(2);
  manager.HandleAll();
  AwaitLooks(3);
  EXPECT_EQ(manager.Receive(milliseconds(0)), "");
  EXPECT_THAT(Lines(), HasSubstr(R"("event":"service.stalled")"));
  EXPECT_THAT(Lines(), HasSubstr(R"("what":"a thread stands still")"));

  is_stalled_ = false;
  EXPECT_EQ(manager.Receive(seconds(20)), "WATCHDOG=1");
  ASSERT_TRUE(tests::WaitUntil(
      [&] { return Lines().find("service.recovered") != std::string::npos; }, seconds(20)));
}

TEST_F(ServiceWatchdogTest, KnowsAbstractSockets) {
  const std::string name = "@sluice-" + directory_.path().filename().string();
  const Manager manager(name);
  const ServiceWatchdog watchdog(WatchdogRequest{.socket = name, .limit = milliseconds(40)},
                                 Finder(), log_);
  EXPECT_EQ(manager.Receive(seconds(20)), "WATCHDOG=1");
}

TEST_F(ServiceWatchdogTest, SaysOnceThatNobodyListens) {
  const ServiceWatchdog watchdog(Request(), Finder(), log_);
  AwaitLooks(5);
  const std::string lines = Lines();
  EXPECT_THAT(lines, HasSubstr("service.unreachable"));
  EXPECT_EQ(lines.find("service.unreachable"), lines.rfind("service.unreachable"));
}

TEST_F(ServiceWatchdogTest, LooksForNothingWithoutARequest) {
  { const ServiceWatchdog watchdog(std::nullopt, Finder(), log_); }
  EXPECT_EQ(looks_, 0);
}

}  // namespace
}  // namespace common
