#include "ops/ctl/serve/serve_options.h"

#include <gtest/gtest.h>

namespace ctl {
namespace {

TEST(ServeOptions, ListenOnALoopbackPortByDefaultAndAllowNothing) {
  const auto options = ReadServeOptions(Arguments());
  ASSERT_TRUE(options);
  EXPECT_EQ(ToText(options->listen), "127.0.0.1:0");
  EXPECT_FALSE(options->allows_redrive);
  EXPECT_FALSE(options->shows_bodies);
  EXPECT_EQ(options->grafana, "");
}

TEST(ServeOptions, AreRead) {
  const auto options = ReadServeOptions(Arguments({{"--listen", "[::1]:8088"},
                                                   {"--allow-redrive", ""},
                                                   {"--show-bodies", ""},
                                                   {"--grafana", "https://g.example.com/x/"}}));
  ASSERT_TRUE(options);
  EXPECT_EQ(ToText(options->listen), "[::1]:8088");
  EXPECT_TRUE(options->allows_redrive);
  EXPECT_TRUE(options->shows_bodies);
  EXPECT_EQ(options->grafana, "https://g.example.com/x");
}

TEST(ServeOptions, RefuseInvalidAddress) {
  for (const char* listen : {"", "8088", "example.com:80", "127.0.0.1", "127.0.0.1:70000"}) {
    EXPECT_FALSE(ReadServeOptions(Arguments(Arguments::Options{{"--listen", listen}}))) << listen;
  }
}

TEST(ServeOptions, RefuseGrafanaThatIsNotAWebAddress) {
  for (const char* url : {"", "grafana", "javascript:alert(1)", "http://", "http:///x", "ftp://a",
                          "https://a b", "https://a\"b", "https://a\n"}) {
    EXPECT_FALSE(ReadServeOptions(Arguments(Arguments::Options{{"--grafana", url}}))) << url;
  }
}

TEST(ServeOptions, WarnOfAnAddressThatOthersReach) {
  for (const char* host : {"127.0.0.1", "127.8.9.10", "::1"}) {
    EXPECT_EQ(WarningOf({.host = host, .port = 1}), "") << host;
  }
  EXPECT_EQ(WarningOf({.host = "::", .port = 80}),
            "other machines may reach [::]:80, and nothing is encrypted: token, cookie and ids can "
            "be read on the way");
  EXPECT_NE(WarningOf({.host = "10.0.0.5", .port = 1}), "");
}

}  // namespace
}  // namespace ctl
