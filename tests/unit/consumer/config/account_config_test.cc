// `accounts:` of consumer.yaml, and the rows that name one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "consumer/config.h"
#include "tests/support/temp_directory.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kNeeded =
    "instance: c\n"
    "kafka: { bootstrap.servers: \"127.0.0.1:9092\" }\n"
    "assure: { base_url: \"https://api.test/assure\", token_url: \"https://api.test/token\", "
    "client_id: me, client_secret: hush }\n";

ConfigReading Read(const std::string& yaml) {
  return ReadConfig(
      kNeeded + yaml, [](const std::string& /*name*/) { return std::nullopt; },
      [](const std::string& /*name*/, const std::string& /*value*/) {
        return std::optional<std::string>();
      },
      "host");
}

std::vector<std::string> Texts(const common::config::Problems& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.key + ": " + problem.message);
  return texts;
}

std::string Acme(const std::string& more = {}) {
  return "acme: { base_url: \"https://acme.test/assure\", token_url: \"https://acme.test/token\", "
         "client_id: acme-client, client_secret: acme-secret" +
         more + " }";
}

TEST(AccountConfig, IsOneAccountWithoutTheKey) {
  const ConfigReading reading = Read("");
  ASSERT_THAT(Texts(reading.problems), IsEmpty());
  ASSERT_THAT(reading.config.accounts, SizeIs(1));
  EXPECT_EQ(reading.config.accounts[0].name, "assure");
  EXPECT_EQ(reading.config.accounts_of_rows.count(), 1U);
  const FetchSettings settings = SettingsOf(reading.config, 0);
  EXPECT_EQ(settings.client_id, "me");
  EXPECT_FALSE(settings.needs_witness) << "as before there were accounts";
  EXPECT_EQ(settings.max_held_bytes, FetchSettings().max_held_bytes);
}

TEST(AccountConfig, GivesEachRowItsAccount) {
  const ConfigReading reading = Read(
      "accounts:\n  " + Acme(", scope: other, max_in_flight: 7, rate_limit: 2.5") +
      "\nfetch: { max_in_flight: 100, rate_limit: 9, timeout: 3s }\n"
      "providers:\n  acme-onfido: { like: onfido, account: acme }\n  readid: { account: acme }\n"
      "  eid: { account: assure }\n");
  ASSERT_THAT(Texts(reading.problems), IsEmpty());
  EXPECT_THAT(Texts(reading.doubts), IsEmpty());
  const Config& config = reading.config;
  const auto of = [&](const std::string& row) {
    return config.accounts_of_rows.Of(config.providers.Resolve(row));
  };
  EXPECT_EQ(of("acme-onfido"), 1U);
  EXPECT_EQ(of("readid"), 1U);
  EXPECT_EQ(of("eid"), 0U);
  EXPECT_EQ(of("onfido"), 0U);
  EXPECT_EQ(of("of no row"), 0U);

  const FetchSettings acme = SettingsOf(config, 1);
  EXPECT_EQ(acme.base_url, "https://acme.test/assure");
  EXPECT_EQ(acme.token_url, "https://acme.test/token");
  EXPECT_EQ(acme.client_id, "acme-client");
  EXPECT_EQ(acme.client_secret, "acme-secret");
  EXPECT_EQ(acme.scope, "other");
  EXPECT_EQ(acme.max_in_flight, 7);
  EXPECT_EQ(acme.rate_limit, 2.5);
  EXPECT_EQ(acme.timeout, milliseconds(3'000)) << "of fetch";
  EXPECT_TRUE(acme.needs_witness);
  const FetchSettings assure = SettingsOf(config, 0);
  EXPECT_EQ(assure.client_id, "me");
  EXPECT_EQ(assure.max_in_flight, 100);
  EXPECT_TRUE(assure.needs_witness);
}

TEST(AccountConfig, ReadsSecretFromFileAndRemembersIt) {
  const tests::TempDirectory directory;
  const std::string file = directory.Write("secret", "from-file\n");
  const ConfigReading reading = Read(
      "accounts: { acme: { base_url: \"https://a.test\", token_url: \"https://a.test/t\", "
      "client_id: c, client_secret_file: " +
      file + " } }\nproviders: { readid: { account: acme } }\n");
  ASSERT_THAT(Texts(reading.problems), IsEmpty());
  EXPECT_EQ(reading.config.accounts[1].client.client_secret, "from-file");
  EXPECT_EQ(reading.config.accounts[1].secret_file, file);
}

TEST(AccountConfig, ReportsAllMistakes) {
  EXPECT_THAT(
      Texts(Read("accounts:\n  Acme: { base_url: \"https://u:p@a.test\" }\n  assure: { "
                 "base_url: x }\nproviders: { readid: { account: other } }\n")
                .problems),
      ElementsAre(
          "accounts.Acme: must have 1 to 40 lower-case letters, digits, dashes or underscores as "
          "its name",
          HasSubstr("accounts.Acme.token_url: "), HasSubstr("accounts.Acme.client_id: "),
          HasSubstr("accounts.Acme.client_secret: "),
          "accounts.Acme.base_url: must contain no user and no password: set "
          "accounts.Acme.client_id and accounts.Acme.client_secret",
          "accounts.assure: is the name of the account under assure",
          HasSubstr("accounts.assure.token_url: "), HasSubstr("accounts.assure.client_id: "),
          HasSubstr("accounts.assure.client_secret: "),
          "accounts.assure.base_url: must be an http or https URL without query",
          "providers.readid.account: names none of accounts"));
}

TEST(AccountConfig, RefusesAnAccountNameWithoutAccounts) {
  EXPECT_THAT(Texts(Read("providers: { readid: { account: acme } }\n").problems),
              ElementsAre("providers.readid.account: names none of accounts"));
}

// At a lane's bound nothing would be read for anybody.
TEST(AccountConfig, RefusesTooLittleRoomForEachAccount) {
  const std::string two = "accounts:\n  " + Acme() + "\nproviders: { readid: { account: acme } }\n";
  EXPECT_THAT(Texts(Read(two + "fetch: { max_pending: 7 }\n").problems),
              ElementsAre("fetch.max_pending: must be at least 8, 4 for each account"));
  EXPECT_THAT(Texts(Read(two + "fetch: { max_pending: 8 }\n").problems), IsEmpty());
  EXPECT_THAT(Texts(Read("fetch: { max_pending: 1 }\n").problems), IsEmpty());
}

TEST(AccountConfig, DoubtsAnAccountThatNoRowNames) {
  EXPECT_THAT(Texts(Read("accounts:\n  " + Acme() + "\n").doubts),
              ElementsAre("accounts.acme: is the account of no row in providers"));
}

// Whichever of both reports first decides who fetches.
TEST(AccountConfig, RefusesTwoAccountsForOneFact) {
  const std::string rows =
      "  readid: { account: acme }\n"
      "  events: { kind: events, same_as: readid, types: [process.complete], extract: { id: /id, "
      "type: /t, dossierId: /d, processId: /p, status: /s }";
  EXPECT_THAT(Texts(Read("accounts:\n  " + Acme() + "\nproviders:\n" + rows + " }\n").problems),
              ElementsAre(HasSubstr(
                  "providers.events.account: must be that of readid, whose facts are the same")));
  EXPECT_THAT(Texts(Read("accounts:\n  " + Acme() + "\nproviders:\n" + rows + ", account: acme }\n")
                        .problems),
              IsEmpty());
}

}  // namespace
}  // namespace consumer
