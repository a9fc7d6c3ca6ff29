#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <list>
#include <string>
#include <string_view>

#include "tests/component/ingest/load/blocked_ingest.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/support/wait_until.h"

// Over real sockets: which class is refused first when the bounds are reached, and what a refusal
// costs.
namespace ingest {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

std::string SecretOf(std::string_view provider) {
  if (provider == "connect") return "";
  return (provider == "typo" ? "onfido" : std::string(provider)) + "-secret";
}

std::string CallbackOf(std::string_view provider, std::string_view body = "{}") {
  return PostOf("/callbacks/" + std::string(provider), SecretOf(provider), body);
}

/// A head and the first part of its unfinished body.
std::string PartOf(std::string_view provider, std::size_t length, std::size_t sent) {
  const std::string whole = CallbackOf(provider, std::string(length, 'b'));
  return whole.substr(0, whole.size() - length + sent);
}

class SheddingOverSocketsTest : public ::testing::Test {
 protected:
  /// The provider's answer; "taken" if its request stays in flight.
  std::string Offer(BlockedIngest& ingest, std::string_view provider) {
    const std::size_t in_flight = ingest.acceptance().load().requests;
    RawConnection& connection = connections.emplace_back(ingest.port());
    connection.Send(CallbackOf(provider));
    std::optional<std::string> answer;
    const bool is_settled = tests::WaitUntil(
        [&] {
          if (ingest.acceptance().load().requests > in_flight) return true;
          answer = connection.ReadAnswer(std::chrono::milliseconds(1));
          return answer.has_value();
        },
        seconds(10), std::chrono::milliseconds(1));
    if (!is_settled) return "silence";
    if (answer) connections.pop_back();
    return answer ? Summary(answer) : "taken";
  }

  std::list<RawConnection> connections;  // Each waits for its answer.
};

TEST_F(SheddingOverSocketsTest, RefusesTheCheapestClassFirstAndRecovers) {
  BlockedIngest ingest({.bounds = {.max_requests = 10}});
  for (int i = 0; i < 7; ++i) ASSERT_EQ(Offer(ingest, "onfido"), "taken") << i;
  EXPECT_EQ(Offer(ingest, "onfido"), "503");
  EXPECT_EQ(Offer(ingest, "eid"), "taken");
  EXPECT_EQ(Offer(ingest, "eid"), "503");
  EXPECT_EQ(Offer(ingest, "readid"), "taken");
  EXPECT_EQ(Offer(ingest, "readid"), "429") << "never 503, which would hold all its callbacks";
  EXPECT_EQ(Offer(ingest, "paper"), "taken") << "the reserve";
  EXPECT_EQ(Offer(ingest, "paper"), "503");
  EXPECT_EQ(Offer(ingest, "connect"), "503");
  EXPECT_EQ(Offer(ingest, "typo"), "429");
  EXPECT_EQ(ingest.acceptance().load().requests, 10U);
  EXPECT_EQ(ingest.sink().offers(), 10U) << "the sink must not get shed requests";

  ingest.StoreAll();
  for (RawConnection& connection : connections) EXPECT_EQ(Summary(connection.ReadAnswer()), "200");
  connections.clear();
  for (const char* provider : {"onfido", "eid", "readid", "paper", "connect", "typo"}) {
    EXPECT_EQ(Offer(ingest, provider), "taken") << provider;
  }
  ingest.StoreAll();
}

TEST_F(SheddingOverSocketsTest, KeepsTheReserveForOneShotProviders) {
  BlockedIngest ingest({.bounds = {.max_requests = 10}});
  for (int i = 0; i < 20; ++i) (void)Offer(ingest, i % 2 == 0 ? "readid" : "onfido");
  EXPECT_EQ(ingest.acceptance().load().requests, 9U);
  EXPECT_EQ(Offer(ingest, "connect"), "taken");
}

TEST_F(SheddingOverSocketsTest, IsReportedDifferentlyFromAnUnavailableKafka) {
  BlockedIngest ingest({.bounds = {.max_requests = 10}});
  for (int i = 0; i < 7; ++i) ASSERT_EQ(Offer(ingest, "onfido"), "taken");
  for (int i = 0; i < 30; ++i) ASSERT_EQ(Offer(ingest, "onfido"), "503");
  EXPECT_THAT(ingest.Log(), HasSubstr(R"("event":"load.shedding")"));
  EXPECT_EQ(ingest.Log().find("load.shedding"), ingest.Log().rfind("load.shedding"));
  EXPECT_THAT(ingest.Log(), HasSubstr(R"("situation":"shed")"));
  const auto has_counted = [&] {
    return ingest.Metrics().find(
               R"(sluice_ingest_refusals_total{provider="onfido",reason="shed"} 30)") !=
           std::string::npos;
  };
  EXPECT_TRUE(tests::WaitUntil(has_counted, seconds(10)));
  EXPECT_THAT(ingest.Metrics(), HasSubstr(R"({outcome="refused",provider="onfido"} 30)"));
  ingest.StoreAll();
  EXPECT_TRUE(tests::WaitUntil(
      [&] { return ingest.Log().find("load.normal") != std::string::npos; }, seconds(20)));
  EXPECT_THAT(ingest.Log(), HasSubstr(R"("refused":30)"));
}

TEST_F(SheddingOverSocketsTest, RefusesIncompleteBodiesByTheirRow) {
  BlockedIngest ingest({.bounds = {.max_bytes = 1'000'000}});
  const auto holds = [&](std::size_t bytes) {
    return tests::WaitUntil([&] { return ingest.acceptance().load().bytes >= bytes; }, seconds(10));
  };
  RawConnection first(ingest.port());
  first.Send(PartOf("onfido", 750'000, 740'000));
  ASSERT_TRUE(holds(740'000));

  RawConnection onfido(ingest.port());
  onfido.Send(PartOf("onfido", 50'000, 30'000));
  EXPECT_EQ(Summary(onfido.ReadAnswer()), "503 close");
  RawConnection eid(ingest.port());
  eid.Send(PartOf("eid", 200'000, 30'000));
  ASSERT_TRUE(holds(770'000));
  RawConnection readid(ingest.port());
  readid.Send(PartOf("readid", 500'000, 400'000));
  EXPECT_EQ(Summary(readid.ReadAnswer()), "429 close") << "beyond the bound itself";
  RawConnection head(ingest.port());
  head.Send("POST /callbacks/onfido HTTP/1.1\r\nX-Long: " + std::string(5'000, 'x'));
  EXPECT_EQ(Summary(head.ReadAnswer()), "429 close") << "an incomplete head has no provider";
  EXPECT_EQ(Offer(ingest, "paper"), "taken");

  first.Send(std::string(10'000, 'b'));
  ASSERT_TRUE(ingest.WaitUntilInFlight(2));
  ingest.StoreAll();
  EXPECT_EQ(Summary(first.ReadAnswer()), "200");
  eid.Send(std::string(170'000, 'b'));
  ASSERT_TRUE(ingest.WaitUntilInFlight(1));
  ingest.StoreAll();
  EXPECT_EQ(Summary(eid.ReadAnswer()), "200");
  EXPECT_TRUE(tests::WaitUntil([&] { return ingest.acceptance().load() == Load{}; }, seconds(10)));
}

TEST_F(SheddingOverSocketsTest, BuffersNothingForAnUnauthorizedSender) {
  BlockedIngest ingest({.bounds = {.max_requests = 10, .max_bytes = 1'000'000}});
  for (int i = 0; i < 50; ++i) {
    RawConnection& connection = connections.emplace_back(ingest.port());
    const std::string request = PostOf("/callbacks/onfido", "wrong", std::string(1'000'000, 'b'));
    connection.Send(request.substr(0, request.size() - 999'000));
    ASSERT_EQ(Summary(connection.ReadAnswer()), "401 close") << "before its body has arrived";
  }
  EXPECT_EQ(ingest.acceptance().load(), Load{});
  EXPECT_EQ(ingest.server().stats().requests, 0U) << "no body must reach the endpoint";
}

}  // namespace
}  // namespace ingest
