// A name server that does not answer.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace {
std::atomic<bool> is_over = false;
std::atomic<int> asked = 0;
}  // namespace

/// Replaces the C library's function, for libcurl too. Names that end in "silent.invalid" get no
/// answer during the test, or for 15 s at most.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  if (node != nullptr && std::string_view(node).ends_with("silent.invalid")) {
    ++asked;
    const auto at_last = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!is_over && std::chrono::steady_clock::now() < at_last) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return EAI_AGAIN;
  }
  using Function = decltype(&getaddrinfo);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}

namespace consumer {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class ResolverTest : public CurlTransportTest {
 protected:
  ResolverTest() {
    is_over = false;
    asked = 0;
  }
  ~ResolverTest() override { is_over = true; }
};

TEST_F(ResolverTest, HoldsUpOnlyRequestsThatNeedItWhenSilent) {
  RawServer server([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  for (std::uint64_t id = 1; id <= 20; ++id) {
    HttpRequest request = Get(id, "http://host" + std::to_string(id) + ".silent.invalid/");
    request.timeout = 300ms;
    transport.Start(request);
  }
  const auto until = common::Deadline::After(20s);
  while (asked < 20 && !until.HasPassed()) transport.Wait({}, 10ms);
  ASSERT_EQ(asked, 20) << "libcurl did not use the resolver of this test";
  const auto begin = Clock::now();
  transport.Cancel(20);
  while (replies.size() < 19 && !until.HasPassed()) {
    transport.Wait({}, 50ms);
    for (HttpReply& reply : transport.Collect()) replies[reply.id] = std::move(reply);
  }
  const auto elapsed = Clock::now() - begin;
  EXPECT_EQ(replies.size(), 19U);
  for (const auto& [id, reply] : replies) EXPECT_EQ(reply.fault, TransportFault::kTimeout) << id;
  EXPECT_LT(elapsed, 8s) << "the transport's loop was blocked";
  EXPECT_EQ(Fetch(Get(99, server.Url("/"))).status, 200);
}

}  // namespace
}  // namespace consumer
