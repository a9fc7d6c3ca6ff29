#include "ops/ctl/serve/page_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Calls `look` when the last copy of the route that holds it is destroyed, and with it the site.
class Witness {
 public:
  explicit Witness(std::function<void()> look) : look_(std::move(look)) {}
  ~Witness() { look_(); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

 private:
  std::function<void()> look_;
};

class PageServerTest : public testing::Test {
 protected:
  /// A page with routes that wait for their stop: GET /api/wait and POST /api/change.
  std::unique_ptr<PageServer> Open(std::function<void()> at_the_end_of_the_site) {
    auto witness = std::make_shared<Witness>(std::move(at_the_end_of_the_site));
    const auto wait = [this, witness](const ApiRequest&, const std::stop_token& stop) {
      ++running_;
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      stopped.wait(lock, stop, [] { return false; });
      --running_;
      return common::Result<std::string>("\"stopped\"");
    };
    witness.reset();
    std::vector<ApiRoute> routes;
    routes.push_back({"GET", "/api/wait", {}, wait});
    routes.push_back({"POST", "/api/change", {}, wait});
    auto page = PageServer::Open({.host = "127.0.0.1", .port = 0}, std::move(routes));
    EXPECT_TRUE(page);
    EXPECT_TRUE(page.value()->Serve());
    return *std::move(page);
  }

  static std::string OriginOf(const PageServer& page) {
    return page.Url().substr(0, page.Url().find("/?"));
  }
  static std::uint16_t PortOf(const PageServer& page) {
    const std::string origin = OriginOf(page);
    return static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1)));
  }

  std::atomic<int> running_ = 0;
};

// Its thread would ask the destroyed site.
TEST_F(PageServerTest, ClosesItsConnectionsBeforeTheSiteEnds) {
  std::unique_ptr<tests::RawClient> client;
  bool is_closed = false;
  auto page = Open([&] { is_closed = client->IsClosedWithin(seconds(20)); });
  client = std::make_unique<tests::RawClient>(PortOf(*page));
  ASSERT_TRUE(client->Send("GET / HTTP/1.1\r\nHost: " + OriginOf(*page).substr(7) + "\r\n\r\n"));
  const auto answer = client->Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
  EXPECT_FALSE(client->HearsWithin(milliseconds(1)));
  page.reset();
  EXPECT_TRUE(is_closed);
}

TEST_F(PageServerTest, EndsItsJobsBeforeTheSite) {
  int left = -1;
  auto page = Open([&] { left = running_; });
  const std::string welcome = tests::Get(page->Url()).Field("Set-Cookie");
  tests::RawClient client(PortOf(*page));
  ASSERT_TRUE(client.Send("GET /api/wait HTTP/1.1\r\nHost: " + OriginOf(*page).substr(7) +
                          "\r\nCookie: " + welcome.substr(0, welcome.find(';')) + "\r\n\r\n"));
  ASSERT_TRUE(tests::WaitUntil([&] { return running_ == 1; }, seconds(60)));
  page.reset();
  EXPECT_EQ(left, 0);
}

TEST_F(PageServerTest, StopsTheJobOfABrowserThatGoesAway) {
  auto page = Open([] {});
  const std::string welcome = tests::Get(page->Url()).Field("Set-Cookie");
  const std::string cookie = welcome.substr(0, welcome.find(';'));
  const auto ask = [&](const std::string& line) {
    auto client = std::make_unique<tests::RawClient>(PortOf(*page));
    EXPECT_TRUE(client->Send(line + " HTTP/1.1\r\nHost: " + OriginOf(*page).substr(7) +
                             "\r\nOrigin: " + OriginOf(*page) + "\r\nCookie: " + cookie +
                             "\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"));
    return client;
  };
  auto leaving = ask("GET /api/wait");
  const auto staying = ask("GET /api/wait");
  auto changing = ask("POST /api/change");
  ASSERT_TRUE(tests::WaitUntil([&] { return running_ == 3; }, seconds(60))) << running_;
  leaving.reset();
  changing.reset();
  EXPECT_TRUE(tests::WaitUntil([&] { return running_ == 2; }, seconds(60))) << running_;
  EXPECT_FALSE(staying->HearsWithin(milliseconds(200)));
  EXPECT_EQ(running_, 2) << "what changes something goes on";
}

}  // namespace
}  // namespace ctl
