// The schedulers of several accounts behind one port.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "consumer/fetch/shared_transport.h"
#include "consumer/lane/fetcher.h"
#include "tests/unit/consumer/fetch/scripted_transport.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoEvents final : public FetchEvents {
 public:
  void AttemptFinished(const AttemptReport& /*report*/) override {}
  void BreakerOpened() override {}
  void BreakerClosed(std::chrono::steady_clock::duration /*open_for*/) override {}
  void HeldBack(Resource /*resource*/, std::chrono::milliseconds /*wait*/,
                common::WallTime /*until*/) override {}
  void ConcurrencyLimitChanged(int /*limit*/) override {}
  void InFlightChanged(int /*in_flight*/) override {}
};

/// Accounts with a host each: account 1 has https://1.test/….
class Accounts {
 public:
  explicit Accounts(std::size_t count) : shared(transport, count) {
    std::vector<FetchScheduler*> all;
    for (AccountIndex account = 0; account < count; ++account) {
      schedulers.push_back(std::make_unique<FetchScheduler>(
          SettingsOf(account), shared.Of(account), events,
          FetchScheduler::Injected{.wall_now = [] { return common::WallTime{}; },
                                   .unit_random = [] { return 0.5; },
                                   .traces = nullptr}));
      all.push_back(schedulers.back().get());
    }
    fetcher = std::make_unique<ScheduledFetcher>(all);
  }

  static FetchSettings SettingsOf(AccountIndex account) {
    const std::string host = "https://" + std::to_string(account) + ".test";
    FetchSettings settings;
    settings.base_url = host + "/assure";
    settings.token_url = host + "/token";
    settings.client_id = "id-" + std::to_string(account);
    settings.client_secret = "secret";
    settings.ids = IdRule::kIfPresent;
    settings.needs_witness = true;
    settings.max_age = 1min;
    return settings;
  }

  void Submit(JobId id, AccountIndex account) {
    fetcher->Submit({.id = id,
                     .dossier = common::DossierId("d" + std::to_string(id)),
                     .process = common::ProcessId("p" + std::to_string(id)),
                     .account = account},
                    now);
  }

  /// Answers all requests but those to the hosts that are away, which refuse, until nothing more
  /// happens at this time. The token of account 1 is "token-1".
  void Settle() {
    for (int round = 0; round < 100'000; ++round) {
      for (const FetchResult& result : fetcher->Advance(now)) {
        (std::holds_alternative<Fetched>(result.outcome) ? fetched : dead).push_back(result.id);
      }
      if (transport.under_way().empty()) return;
      transport.Answer(0, Answer(transport.under_way().front()));
    }
  }
  void Run(std::chrono::milliseconds span) {
    const auto end = now + span;
    for (Settle(); fetcher->NextDue(now) <= end; Settle()) {
      now = std::max(now, fetcher->NextDue(now));
    }
    now = end;
  }

  ScriptedTransport transport;
  SharedTransport shared;
  NoEvents events;
  std::vector<std::unique_ptr<FetchScheduler>> schedulers;
  std::unique_ptr<ScheduledFetcher> fetcher;
  std::chrono::steady_clock::time_point now{1000h};
  std::set<AccountIndex> away;        ///< Answer 503.
  std::set<AccountIndex> is_refused;  ///< Get no token.
  std::vector<JobId> fetched;
  std::vector<JobId> dead;
  std::vector<std::string> foreign_tokens;

 private:
  HttpReply Answer(const HttpRequest& request) {
    const AccountIndex host = static_cast<AccountIndex>(request.url.at(8) - '0');
    const std::string name = std::to_string(host);
    HttpReply reply;
    reply.status = 200;
    if (request.url.ends_with("/token")) {
      reply.body = R"({"access_token":"token-)" + name + R"(","expires_in":600})";
      if (is_refused.contains(host)) reply.status = 401;
      return reply;
    }
    const std::string token = request.fields.at(0).second;
    if (token != "Bearer token-" + name) foreign_tokens.push_back(token + " at " + request.url);
    reply.body = R"({"status":"accepted"})";
    if (away.contains(host)) reply.status = 503;
    return reply;
  }
};

TEST(ScheduledFetcher, SendsEachAccountsTokenToItsOwnHostOnly) {
  Accounts accounts(3);
  for (JobId id = 1; id <= 300; ++id) accounts.Submit(id, id % 3);
  accounts.Run(10s);
  EXPECT_THAT(accounts.fetched, SizeIs(300));
  EXPECT_THAT(accounts.foreign_tokens, IsEmpty());
}

TEST(ScheduledFetcher, FetchesForOneAccountWhileAnotherIsAway) {
  for (const bool is_refused : {false, true}) {
    Accounts accounts(2);
    (is_refused ? accounts.is_refused : accounts.away) = {1};
    for (JobId id = 1; id <= 2'000; ++id) accounts.Submit(id, id % 2);
    accounts.Run(5s);
    EXPECT_THAT(accounts.fetched, SizeIs(1'000)) << is_refused;
    accounts.Run(12h);
    EXPECT_THAT(accounts.dead, IsEmpty()) << is_refused;

    accounts.away.clear();
    accounts.is_refused.clear();
    accounts.Run(10min);
    EXPECT_THAT(accounts.fetched, SizeIs(2'000)) << is_refused;
    EXPECT_THAT(accounts.dead, IsEmpty()) << is_refused;
  }
}

// So few that the breaker opens late. What the other account's host answers says nothing of this one.
TEST(ScheduledFetcher, GivesUpNoFewCallbacksOfAnAccountThatIsAway) {
  for (const JobId few : {1, 2, 5}) {
    Accounts accounts(2);
    accounts.away = {1};
    for (JobId id = 1; id <= few; ++id) accounts.Submit(id, 1);
    for (JobId id = 100; id < 1'000; ++id) {
      accounts.Submit(id, 0);
      accounts.Run(10s);
    }
    EXPECT_THAT(accounts.fetched, SizeIs(900));
    EXPECT_THAT(accounts.dead, IsEmpty()) << "max_age is a minute";
    accounts.away.clear();
    accounts.Run(10min);
    EXPECT_THAT(accounts.fetched, SizeIs(900 + few));
  }
}

// After a rebalance nothing is in hand, and the breakers are still open.
TEST(ScheduledFetcher, WantsIntakeWhileAnyAccountHasNothingToProbeWith) {
  Accounts accounts(2);
  accounts.away = {0, 1};
  for (JobId id = 1; id <= 200; ++id) accounts.Submit(id, id % 2);
  accounts.Run(1min);
  ASSERT_TRUE(accounts.schedulers[0]->breaker_open());
  ASSERT_TRUE(accounts.schedulers[1]->breaker_open());
  accounts.fetcher->CancelAll();
  EXPECT_TRUE(accounts.fetcher->WantsIntake());
  accounts.Submit(1'000, 0);
  EXPECT_TRUE(accounts.fetcher->WantsIntake()) << "account 1 has none";
  accounts.Submit(1'001, 0);
  EXPECT_TRUE(accounts.fetcher->WantsIntake()) << "still";
  accounts.Submit(1'002, 1);
  EXPECT_FALSE(accounts.fetcher->WantsIntake()) << "each has one";

  accounts.away = {0};
  accounts.Run(1min);
  EXPECT_THAT(accounts.fetched, ElementsAre(1'002));
  EXPECT_TRUE(accounts.fetcher->WantsIntake()) << "account 1 works again";
}

TEST(ScheduledFetcher, LooksOnlyForAccountsThatWorkOrHaveNothingElseToProbeWith) {
  Accounts accounts(2);
  accounts.away = {1};
  for (JobId id = 1; id <= 100; ++id) accounts.Submit(id, 1);
  accounts.Run(1min);
  EXPECT_TRUE(accounts.fetcher->MayLook(0));
  EXPECT_FALSE(accounts.fetcher->MayLook(1));
  EXPECT_TRUE(accounts.fetcher->NextProbe(accounts.now));
  accounts.fetcher->CancelAll();
  EXPECT_TRUE(accounts.fetcher->MayLook(1));
}

TEST(ScheduledFetcher, AsksForTokenAtOnceWithNewSecret) {
  Accounts accounts(2);
  accounts.is_refused = {1};
  accounts.Submit(1, 1);
  accounts.Run(20s);
  EXPECT_THAT(accounts.fetched, IsEmpty());
  ASSERT_FALSE(accounts.schedulers[1]->breaker_open());
  accounts.is_refused.clear();
  accounts.Run(1s);
  EXPECT_THAT(accounts.fetched, IsEmpty()) << "the backoff is at 16 s";
  accounts.schedulers[1]->ReplaceSecret("new");
  accounts.Run(1s);
  EXPECT_THAT(accounts.fetched, ElementsAre(1));
}

}  // namespace
}  // namespace consumer
