#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/signature/signature.h"
#include "tests/component/ops/simulator/deliver_fixture.h"
#include "tests/support/temp_directory.h"

namespace simulator {
namespace {

using common::SignatureVerdict;
using testing::HasSubstr;
using testing::Not;

/// Answers as a receiver of Standard Webhooks with the key "key" does: 200 or 401.
int Judge(const Received& delivery) {
  const auto field = [&](const char* name) -> std::optional<std::string_view> {
    const auto found = delivery.signature.find(name);
    if (found == delivery.signature.end()) return std::nullopt;
    return found->second;
  };
  const std::vector<std::string> keys{"key"};
  const auto verdict = common::VerifySignature(common::StandardWebhooks(), keys,
                                               {.signature = field("webhook-signature"),
                                                .id = field("webhook-id"),
                                                .timestamp = field("webhook-timestamp")},
                                               delivery.body, common::WallNow());
  return verdict == SignatureVerdict::kRight ? 200 : 401;
}

class DeliverEventsTest : public DeliverTest {
 protected:
  DeliverEventsTest() { directory_.Write("secret", "key\n"); }

  std::string DeliverSigned(const ScriptedReceiver& receiver,
                            std::vector<std::string_view> arguments) {
    arguments.insert(arguments.begin(), {"--signature=standard-webhooks", "--signing-secret-file",
                                         secret_, "--ids-file", ids_});
    return Deliver(receiver, std::move(arguments));
  }
  [[nodiscard]] std::size_t CountIds() const {
    const std::string text = tests::ReadFile(ids_);
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

  tests::TempDirectory directory_;
  const std::string secret_ = directory_.path() / "secret";
  const std::string ids_ = directory_.path() / "ids";
};

TEST_F(DeliverEventsTest, SendsEachSignedEventOnceToItsRoute) {
  ScriptedReceiver receiver([](const Received& delivery, int) { return Judge(delivery); });
  const std::string report = DeliverSigned(receiver, {"--count=50", "--providers=events"});
  EXPECT_THAT(report, HasSubstr(R"("attempts":50,"acknowledged":50,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("events":{"late":0,"answers":{"first":{"200":50}}})"));
  for (const Received& delivery : receiver.received()) {
    EXPECT_EQ(delivery.path, "/callbacks/events");
  }
  EXPECT_EQ(CountIds(), 50U);
}

TEST_F(DeliverEventsTest, RepeatsTheSameIdAndBodyUntilItIsAccepted) {
  ScriptedReceiver receiver(
      [](const Received& delivery, int attempt) { return attempt == 1 ? 503 : Judge(delivery); });
  const std::string report =
      DeliverSigned(receiver, {"--count=20", "--providers=events", "--event-lifetime=6s"});
  EXPECT_THAT(report, HasSubstr(R"("attempts":40,"acknowledged":20,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("answers":{"first":{"503":20},"repeated":{"200":20}})"));
  std::map<std::string, std::string> bodies;
  for (const Received& delivery : receiver.received()) {
    const auto [entry, is_new] =
        bodies.try_emplace(delivery.signature.at("webhook-id"), delivery.body);
    EXPECT_EQ(entry->second, delivery.body);
  }
  EXPECT_EQ(bodies.size(), 20U);
}

TEST_F(DeliverEventsTest, CountsRefusedOnesByTheirKindAlone) {
  ScriptedReceiver receiver([](const Received& delivery, int) { return Judge(delivery); });
  const std::string report = DeliverSigned(
      receiver, {"--count=30", "--providers=events", "--forged-rate=1", "--stale-rate=1"});
  EXPECT_THAT(report, HasSubstr(R"("callbacks":30,"attempts":30,"acknowledged":30,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("statuses":{"200":30})"));
  EXPECT_THAT(report, HasSubstr(R"("forged":{"401":30},"stale":{"401":30})"));
  EXPECT_EQ(receiver.received().size(), 90U);
  EXPECT_EQ(CountIds(), 30U);
}

TEST_F(DeliverEventsTest, LeavesMockEventsOutOfTheIds) {
  ScriptedReceiver receiver([](const Received& delivery, int) { return Judge(delivery); });
  const std::string report =
      DeliverSigned(receiver, {"--count=30", "--providers=events", "--mock-rate=1"});
  EXPECT_THAT(report, HasSubstr(R"("answers":{"mock":{"200":30}})"));
  EXPECT_EQ(CountIds(), 0U);
}

TEST_F(DeliverEventsTest, SignsTheBodyAloneInANamedHeader) {
  common::SignatureRule rule;
  rule.header = "x-sha2-signature";
  ScriptedReceiver receiver([&](const Received& delivery, int) {
    return delivery.signature.at("x-sha2-signature") ==
                   common::Sign(rule, "key", "", "", delivery.body)
               ? 200
               : 401;
  });
  EXPECT_THAT(Deliver(receiver, {"--count=5", "--providers=events", "--signature=X-SHA2-Signature",
                                 "--signing-secret-file", secret_, "--forged-rate=1"}),
              HasSubstr(R"("first":{"200":5},"forged":{"401":5})"));
}

TEST_F(DeliverEventsTest, SendsCallbacksWithoutASignature) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  const std::string report =
      DeliverSigned(receiver, {"--count=60", "--providers=events,paper", "--forged-rate=1"});
  EXPECT_THAT(report, HasSubstr(R"("callbacks":60)"));
  for (const Received& delivery : receiver.received()) {
    EXPECT_EQ(delivery.signature.empty(), delivery.path == "/callbacks/paper");
  }
}

TEST_F(DeliverEventsTest, RefusesSharesThatCannotWork) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  EXPECT_THAT(Deliver(receiver, {"--forged-rate=1"}), HasSubstr("needs --signature"));
  EXPECT_THAT(Deliver(receiver, {"--signature=X-A"}), HasSubstr("need each other"));
  EXPECT_THAT(Deliver(receiver, {"--mock-rate=2"}), HasSubstr("must be from 0 to 1"));
  EXPECT_THAT(Deliver(receiver, {"--signature=X A", "--signing-secret-file", secret_}),
              HasSubstr("name of a header"));
  EXPECT_THAT(
      Deliver(receiver, {"--signature=X-A", "--signing-secret-file", secret_, "--stale-rate=1"}),
      HasSubstr("signs a time"));
  EXPECT_THAT(receiver.received(), testing::IsEmpty());
}

}  // namespace
}  // namespace simulator
