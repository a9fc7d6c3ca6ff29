#include "common/callback/callback_facts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace common {
namespace {

const ProviderTable kProviders;
constexpr std::string_view kBody =
    R"({"dossierId":" 54A1AD5F-74DD-47BA-B992-1CB2B4636341 ","processId":"p-1","status":"accepted"})";
const DossierId kDossier("54a1ad5f-74dd-47ba-b992-1cb2b4636341");
const ProcessId kProcess("p-1");

TEST(CallbackFacts, ComeFromBodyAndProviderHeader) {
  const CallbackFacts facts = ReadCallback(
      kBody, {{"provider", "onfido"}, {"received-at", "2026-11-23T12:00:00.250Z"}}, kProviders);
  EXPECT_TRUE(facts.is_readable);
  EXPECT_EQ(facts.row, kProviders.Resolve("onfido"));
  EXPECT_EQ(facts.provider, "onfido");
  EXPECT_EQ(facts.dossier, kDossier);
  EXPECT_EQ(facts.process, kProcess);
  EXPECT_EQ(facts.status, "accepted");
  EXPECT_TRUE(facts.is_final);
  EXPECT_EQ(facts.identity, IdentityOf("onfido", kDossier, kProcess, "accepted"));
  EXPECT_EQ(facts.received_at, ParseRfc3339("2026-11-23T12:00:00.250Z"));
}

TEST(CallbackFacts, UseUnknownRowWithoutProviderHeader) {
  const CallbackFacts facts = ReadCallback(kBody, {}, kProviders);
  EXPECT_EQ(facts.row, ProviderTable::kUnknown);
  EXPECT_EQ(facts.provider, "unknown");
  EXPECT_EQ(facts.identity, IdentityOf("unknown", kDossier, kProcess, "accepted"));
  EXPECT_EQ(facts.received_at, std::nullopt);
}

TEST(CallbackFacts, KeepNameOfUnknownProvider) {
  const CallbackFacts facts = ReadCallback(kBody, {{"provider", "Onfidoo/x"}}, kProviders);
  EXPECT_EQ(facts.row, ProviderTable::kUnknown);
  EXPECT_EQ(facts.provider, "Onfidoo/x");
  EXPECT_EQ(facts.identity, IdentityOf("Onfidoo/x", kDossier, kProcess, "accepted"));
}

TEST(CallbackFacts, HaveAnotherIdentityForAnotherOrMissingStatus) {
  const auto identity_of = [](std::string_view body) {
    return ReadCallback(body, {{"provider", "eid"}}, kProviders).identity;
  };
  const auto accepted = identity_of(R"({"dossierId":"d","processId":"p","status":"accepted"})");
  const auto rejected = identity_of(R"({"dossierId":"d","processId":"p","status":"rejected"})");
  const auto capital = identity_of(R"({"dossierId":"d","processId":"p","status":"Accepted"})");
  const auto none = identity_of(R"({"dossierId":"d","processId":"p"})");
  EXPECT_NE(accepted, rejected);
  EXPECT_NE(accepted, capital);
  EXPECT_NE(accepted, none);
  EXPECT_EQ(none, IdentityOf("eid", DossierId("d"), ProcessId("p"), ""));
  EXPECT_EQ(accepted, identity_of(R"({ "extra":1, "status":"accepted","processId":"p",
                                       "dossierId":"d" })"));
}

TEST(CallbackFacts, HaveOnlyProviderAndIdentityForUnreadableBody) {
  for (const std::string_view body :
       {"", "hello", "[]", R"({"dossierId":"d"})", R"({"dossierId":"d","processId":7})",
        R"({"dossierId":"d","processId":"  "})", "{\"dossierId\":\"\xff\",\"processId\":\"p\"}"}) {
    const CallbackFacts facts = ReadCallback(body, {{"provider", "readid"}}, kProviders);
    EXPECT_FALSE(facts.is_readable) << body;
    EXPECT_EQ(facts.row, kProviders.Resolve("readid"));
    EXPECT_EQ(facts.identity, IdentityOfUnreadable("readid", body)) << body;
    EXPECT_TRUE(facts.process.empty());
  }
}

TEST(CallbackFacts, MarkSpooledRecords) {
  EXPECT_TRUE(ReadCallback(kBody, {{"spooled", "1"}}, kProviders).is_spooled);
  EXPECT_FALSE(ReadCallback(kBody, {}, kProviders).is_spooled);
}

TEST(CallbackFacts, HaveTheirOwnIdentityIfRedriven) {
  const auto once = ReadCallback(kBody, {{"redrive", "callbacks.dead-1-7"}}, kProviders);
  const auto twice = ReadCallback(kBody, {{"redrive", "callbacks.dead-1-9"}}, kProviders);
  const auto original = ReadCallback(kBody, {}, kProviders);
  EXPECT_EQ(once.identity, IdentityOfRedriven(original.identity, "callbacks.dead-1-7"));
  EXPECT_TRUE(once.is_redriven);
  EXPECT_FALSE(original.is_redriven);
  EXPECT_NE(once.identity, twice.identity);
  const auto unreadable = ReadCallback("?", {{"redrive", "callbacks.dead-1-7"}}, kProviders);
  EXPECT_EQ(unreadable.identity,
            IdentityOfRedriven(IdentityOfUnreadable("unknown", "?"), "callbacks.dead-1-7"));
}

}  // namespace
}  // namespace common
