#include "ops/ctl/serve/session.h"

#include <gtest/gtest.h>

#include "tests/unit/ops/ctl/serve/head.h"

namespace ctl {
namespace {

/// "sluice_8088=…" of a Set-Cookie.
std::string PairOf(const std::string& set_cookie) {
  return set_cookie.substr(0, set_cookie.find(';'));
}

bool Admits(const Session& session, const std::string& cookies) {
  return session.Admits(Head("GET", "/", {{"Cookie", cookies}}));
}

TEST(Session, SellsOneCookieForItsToken) {
  Session session = *Session::Begin(8088);
  EXPECT_FALSE(session.Exchange("").has_value());
  EXPECT_FALSE(session.Exchange(session.token() + "0").has_value());
  const auto cookie = session.Exchange(session.token());
  ASSERT_TRUE(cookie.has_value());
  EXPECT_EQ(cookie->substr(cookie->find(';')), "; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_TRUE(cookie->starts_with("sluice_8088="));
  EXPECT_FALSE(session.Exchange(session.token()).has_value());
  EXPECT_TRUE(Admits(session, PairOf(*cookie)));
}

TEST(Session, AdmitsNothingButItsCookie) {
  Session session = *Session::Begin(8088);
  // Before the exchange there is no cookie that could be right.
  EXPECT_FALSE(Admits(session, "sluice_8088="));
  const std::string cookie = PairOf(*session.Exchange(session.token()));
  EXPECT_TRUE(Admits(session, "a=b; " + cookie));
  EXPECT_TRUE(Admits(session, "sluice_8088=planted; " + cookie + "; c"));
  for (const std::string& other :
       {std::string(), std::string("sluice_8088"), std::string("sluice_8088="),
        "sluice_8088=" + session.token(), cookie + "0", "x" + cookie,
        cookie.substr(0, cookie.size() - 1), "sluice_8089" + cookie.substr(cookie.find('='))}) {
    EXPECT_FALSE(Admits(session, other)) << other;
  }
}

TEST(Session, DrawsItsSecretsAnew) {
  Session one = *Session::Begin(8088);
  Session other = *Session::Begin(8088);
  EXPECT_EQ(one.token().size(), 64U);
  EXPECT_NE(one.token(), other.token());
  const std::string cookie = PairOf(*one.Exchange(one.token()));
  static_cast<void>(other.Exchange(other.token()));
  EXPECT_FALSE(Admits(other, cookie));
}

}  // namespace
}  // namespace ctl
