#include "ops/simulator/synthetic_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/signature/signature.h"

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

constexpr common::WallTime kMade{1'790'000'000'250ms};

SyntheticCallback FactOf(std::uint64_t n) {
  return MakeCallback(*ProviderMix::Parse("events"), 7, n);
}

EventOptions Signed() {
  EventOptions options;
  options.signing = {common::StandardWebhooks(), "key"};
  return options;
}

std::vector<EventRequest> Make(const EventOptions& options, std::uint64_t n,
                               std::uint32_t attempt = 1, common::WallTime now = kMade) {
  const SyntheticCallback fact = FactOf(n);
  return MakeRequests(
      {.fact = fact, .attempt = attempt, .made = kMade, .expires = kMade + 30s, .now = now},
      options);
}

/// The verdict of a receiver with the key, one second after `now`.
common::SignatureVerdict Verify(const EventRequest& request, common::WallTime now) {
  std::map<std::string, std::string> fields;
  for (const std::string& field : request.fields) {
    const std::size_t colon = field.find(": ");
    fields[field.substr(0, colon)] = field.substr(colon + 2);
  }
  const std::vector<std::string> keys{"key"};
  return common::VerifySignature(common::StandardWebhooks(), keys,
                                 {.signature = fields.at("webhook-signature"),
                                  .id = fields.at("webhook-id"),
                                  .timestamp = fields.at("webhook-timestamp")},
                                 request.body, now + 1s);
}

TEST(SyntheticEvent, HasTheEnvelopeOfAssureEvents) {
  const auto requests = Make({}, 1);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_THAT(requests.front().body,
              AllOf(HasSubstr(R"({"id":")"), HasSubstr(R"("eventName":"process.complete")"),
                    HasSubstr(R"("eventData":)" + BodyOf(FactOf(1))), HasSubstr(R"("tags":[])"),
                    HasSubstr(R"("timestamp":"2026-09-21T14:13:20.250Z")"),
                    HasSubstr(R"("expiresAt":"2026-09-21T14:13:50.250Z")")));
  EXPECT_THAT(requests.front().fields, ElementsAre()) << "unsigned";
}

TEST(SyntheticEvent, KeepsItsBodyAndIsSignedAnewInEachDelivery) {
  const EventRequest first = Make(Signed(), 1).front();
  const EventRequest second = Make(Signed(), 1, 2, kMade + 20min).front();
  EXPECT_EQ(first.kind, EventKind::kFirst);
  EXPECT_EQ(second.kind, EventKind::kRepeated);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(Verify(first, kMade), common::SignatureVerdict::kRight);
  EXPECT_EQ(Verify(second, kMade + 20min), common::SignatureVerdict::kRight);
}

TEST(SyntheticEvent, IsMockInEveryDeliveryIfAtAll) {
  EventOptions options = Signed();
  options.mock_rate = 1;
  for (const std::uint32_t attempt : {1U, 2U}) {
    const EventRequest mock = Make(options, 3, attempt).front();
    EXPECT_EQ(mock.kind, EventKind::kMock);
    EXPECT_THAT(mock.body, HasSubstr(R"("tags":["mock"])"));
  }
  EXPECT_TRUE(IsMock(FactOf(3), options));
}

TEST(SyntheticEvent, ComesWithOnesThatMustBeRefused) {
  EventOptions options = Signed();
  options.forged_rate = 1;
  options.stale_rate = 1;
  const auto requests = Make(options, 5);
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].kind, EventKind::kForged);
  EXPECT_EQ(Verify(requests[1], kMade), common::SignatureVerdict::kWrong);
  EXPECT_THAT(requests[1].body, Not(HasSubstr(FactOf(5).process_id)))
      << "accepted, it would give a result that no one expects";
  EXPECT_EQ(requests[2].kind, EventKind::kStale);
  EXPECT_EQ(Verify(requests[2], kMade), common::SignatureVerdict::kStale);
  EXPECT_EQ(requests[2].body, requests[0].body);
  EXPECT_EQ(Make(options, 5, 2).size(), 1U) << "beside the first delivery only";
}

TEST(SyntheticEvent, DrawsEachShareByItself) {
  EventOptions options = Signed();
  options.mock_rate = 0.2;
  options.forged_rate = 0.5;
  options.stale_rate = 0.1;
  std::map<std::string_view, int> counted;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    for (const EventRequest& request : Make(options, n)) ++counted[NameOf(request.kind)];
  }
  EXPECT_THAT(counted["mock"], AllOf(Ge(330), Le(470)));
  EXPECT_THAT(counted["forged"], AllOf(Ge(900), Le(1100)));
  EXPECT_THAT(counted["stale"], AllOf(Ge(140), Le(260)));
}

}  // namespace
}  // namespace simulator
