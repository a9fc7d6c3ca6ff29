#include "ops/ctl/serve/same_origin.h"

#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/serve/head.h"

namespace ctl {
namespace {

bool Takes(const std::string& listening, std::string_view host) {
  return SameOrigin(listening).IsOurHost(Head("GET", "/", {{"Host", host}}));
}

TEST(OurHost, IsTheAddressOrLocalhostOnALoopback) {
  for (const char* ours : {"127.0.0.1:8088", "localhost:8088", "LocalHost", "127.0.0.1"}) {
    EXPECT_TRUE(Takes("127.0.0.1", ours)) << ours;
  }
  EXPECT_TRUE(Takes("::1", "[::1]:8088"));
  EXPECT_TRUE(Takes("::1", "localhost:8088"));
  for (const char* foreign :
       {"evil.example:8088", "127.0.0.1.evil.example", "localhost.evil.example:8088", "10.0.0.5",
        "127.0.0.2:8088", "[::1]:8088", "127.0.0.1:", "127.0.0.1:x", "localhost:99999", "[::1",
        "127.0.0.1:80:80", "user@127.0.0.1", "", "2130706433"}) {
    EXPECT_FALSE(Takes("127.0.0.1", foreign)) << foreign;
  }
}

// A tunnel or a container may have another port, and no page can choose ours.
TEST(OurHost, MayHaveAnyPort) { EXPECT_TRUE(Takes("127.0.0.1", "localhost:9000")); }

TEST(OurHost, IsALiteralAddressOnAllInterfaces) {
  EXPECT_TRUE(Takes("0.0.0.0", "10.0.0.5:8088"));
  EXPECT_TRUE(Takes("::", "[fd00::5]:8088"));
  EXPECT_TRUE(Takes("0.0.0.0", "localhost:8088"));
  EXPECT_FALSE(Takes("0.0.0.0", "evil.example:8088"));
}

TEST(OurHost, IsNotLocalhostOnAnotherAddress) {
  EXPECT_TRUE(Takes("10.0.0.5", "10.0.0.5:8088"));
  EXPECT_FALSE(Takes("10.0.0.5", "localhost:8088"));
}

TEST(OurHost, MustBeNamedOnce) {
  common::http::RequestHead head = Head("GET", "/");
  head.fields.clear();
  EXPECT_FALSE(SameOrigin("127.0.0.1").IsOurHost(head));
}

TEST(OurOrigin, MatchesHost) {
  const auto takes = [](std::string_view method,
                        std::vector<std::pair<std::string_view, std::string_view>> fields) {
    return SameOrigin::IsOurOrigin(Head(method, "/", fields));
  };
  EXPECT_TRUE(takes("GET", {}));
  EXPECT_TRUE(takes("GET", {{"Sec-Fetch-Site", "none"}}));
  EXPECT_TRUE(takes("GET", {{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_TRUE(takes("POST", {{"Origin", "http://127.0.0.1:8088"}}));
  EXPECT_TRUE(takes("POST", {{"Sec-Fetch-Site", "same-origin"}}));
  // Another program on this host is the same site.
  EXPECT_FALSE(takes("GET", {{"Sec-Fetch-Site", "same-site"}}));
  EXPECT_FALSE(takes("GET", {{"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_FALSE(takes("GET", {{"Origin", "http://127.0.0.1:9999"}}));
  EXPECT_FALSE(takes("GET", {{"Origin", "https://127.0.0.1:8088"}}));
  EXPECT_FALSE(takes("GET", {{"Origin", "null"}}));
  EXPECT_FALSE(
      takes("POST", {{"Origin", "http://127.0.0.1:8088"}, {"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_FALSE(
      takes("POST", {{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "same-origin"}}));
}

TEST(OurOrigin, MustBeProvenByRequestsThatChangeSomething) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    EXPECT_FALSE(SameOrigin::IsOurOrigin(Head(method, "/"))) << method;
    EXPECT_FALSE(SameOrigin::IsOurOrigin(Head(method, "/", {{"Sec-Fetch-Site", "none"}})))
        << method;
  }
}

}  // namespace
}  // namespace ctl
