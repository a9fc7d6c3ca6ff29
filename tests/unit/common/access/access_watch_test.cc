#include "common/access/access_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::access {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPassword = "ssl://k:1/1: SASL authentication error: Invalid password";
constexpr const char* kVerify = "ssl://k:1/1: SSL handshake failed: certificate verify failed";

class Watch : public testing::Test {
 protected:
  bool Hears(const char* text, seconds at, const char* code = "FAIL") {
    return watch.Heard(code, text, start + at).has_value();
  }
  bool Refuses(int error, seconds at) {
    ShownCertificate shown;
    shown.host = "k:1";
    shown.error = error;
    return watch.Refused(shown, start + at).has_value();
  }
  std::string Why(seconds at) { return watch.WhyUnanswered(start + at); }

  const AccessWatch::TimePoint start{std::chrono::hours(1)};
  AccessWatch watch;
};

TEST_F(Watch, ReportsATroubleOnceAMinute) {
  EXPECT_TRUE(Hears(kPassword, seconds(0)));
  EXPECT_FALSE(Hears(kPassword, seconds(1), "_AUTHENTICATION"));
  EXPECT_FALSE(Hears(kPassword, seconds(59)));
  EXPECT_TRUE(Hears(kPassword, seconds(60)));
}

TEST_F(Watch, ReportsEachBroker) {
  EXPECT_TRUE(Hears(kPassword, seconds(0)));
  EXPECT_TRUE(Hears("ssl://k:2/2: SASL authentication error: Invalid password", seconds(0)));
}

TEST_F(Watch, ReportsAnotherReasonSoonButNotEachTimeTheyTakeTurns) {
  EXPECT_TRUE(Refuses(10, seconds(0)));
  EXPECT_FALSE(Refuses(62, seconds(1)));
  EXPECT_TRUE(Refuses(62, seconds(6)));
}

TEST_F(Watch, LeavesLibrdkafkasWordsForARefusedCertificateToTheCertificate) {
  EXPECT_TRUE(Refuses(10, seconds(0)));
  EXPECT_FALSE(Hears(kVerify, seconds(0)));
  EXPECT_THAT(Why(seconds(0)), HasSubstr("certificate has expired"));
}

TEST_F(Watch, ExplainsWithPassingTroubleWithoutReportingIt) {
  EXPECT_FALSE(Hears("ssl://k:1/1: SSL handshake failed: Disconnected", seconds(0)));
  EXPECT_THAT(Why(seconds(0)), StartsWith("SSL handshake failed: Disconnected (k:1): try again"));
  // A client that ends, or whose list of brokers changes, drops its logins.
  EXPECT_FALSE(
      Hears("sasl_ssl://k:1/1: SASL authentication error: SaslAuthenticateRequest failed: "
            "Local: Broker handle destroyed",
            seconds(1)));
}

TEST_F(Watch, ExplainsWithFirstTroubleNotItsConsequence) {
  EXPECT_TRUE(Hears(kPassword, seconds(0)));
  EXPECT_FALSE(Hears("ssl://k:1/1: Disconnected", seconds(1)));
  EXPECT_FALSE(Hears("3/3 brokers are down", seconds(1), "_ALL_BROKERS_DOWN"));
  EXPECT_THAT(Why(seconds(2)), HasSubstr("correct kafka.sasl.username"));
  EXPECT_EQ(Why(seconds(20)), "k:1: Disconnected");
}

TEST_F(Watch, KnowsNothingAtFirst) { EXPECT_EQ(Why(seconds(0)), ""); }

}  // namespace
}  // namespace common::access
