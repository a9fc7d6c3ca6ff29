#include "ingest/policy/authenticity.h"

#include <gtest/gtest.h>

#include <string>

namespace ingest {
namespace {

using common::ProviderTable;

constexpr ProviderTable::Index kOnfido = 1;
constexpr ProviderTable::Index kEid = 2;
constexpr ProviderTable::Index kConnect = 3;
constexpr ProviderTable::Index kWithout = 4;

Authenticity Example() {
  return Authenticity({
      {.accepted = {"Bearer of-unknown"}},
      {.accepted = {"Bearer onfido-new", "Bearer onfido-old"}},
      {.accepted = {"Basic ZWlkOnNlY3JldA=="}},
      {.open = true},
      {},
  });
}

TEST(Authenticity, AcceptsEachSecretOfTheProvider) {
  EXPECT_TRUE(Example().Accepts(kOnfido, "Bearer onfido-new"));
  EXPECT_TRUE(Example().Accepts(kOnfido, "Bearer onfido-old"));
  EXPECT_TRUE(Example().Accepts(kEid, "Basic ZWlkOnNlY3JldA=="));
}

TEST(Authenticity, RefusesAValueThatDiffersInAnyByte) {
  const Authenticity authenticity = Example();
  const std::string secret = "Bearer onfido-new";
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::string wrong = secret;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_FALSE(authenticity.Accepts(kOnfido, wrong)) << "byte " << i;
  }
  for (const char* wrong : {"", "Bearer onfido-ne", "Bearer onfido-neww", "bearer onfido-new",
                            "onfido-new", "Bearer onfido-new,Bearer onfido-new"}) {
    EXPECT_FALSE(authenticity.Accepts(kOnfido, wrong)) << wrong;
  }
}

TEST(Authenticity, RefusesARequestWithoutAuthorization) {
  EXPECT_FALSE(Example().Accepts(kOnfido, std::nullopt));
  EXPECT_FALSE(Example().Accepts(ProviderTable::kUnknown, std::nullopt));
}

TEST(Authenticity, RefusesAnotherProvidersSecret) {
  EXPECT_FALSE(Example().Accepts(kEid, "Bearer onfido-new"));
  EXPECT_FALSE(Example().Accepts(kEid, "Bearer of-unknown"));
}

TEST(Authenticity, AcceptsEveryProvidersSecretForUnknown) {
  for (const char* secret :
       {"Bearer of-unknown", "Bearer onfido-new", "Bearer onfido-old", "Basic ZWlkOnNlY3JldA=="}) {
    EXPECT_TRUE(Example().Accepts(ProviderTable::kUnknown, secret)) << secret;
  }
  EXPECT_FALSE(Example().Accepts(ProviderTable::kUnknown, "Bearer of-nobody"));
}

TEST(Authenticity, FindsTheOwnerOfASecret) {
  EXPECT_EQ(Example().OwnerOf("Bearer onfido-new"), kOnfido);
  EXPECT_EQ(Example().OwnerOf("Bearer onfido-old"), kOnfido);
  EXPECT_EQ(Example().OwnerOf("Basic ZWlkOnNlY3JldA=="), kEid);
}

TEST(Authenticity, FindsNoOwnerOfTheSecretOfUnknownOrOfNobody) {
  for (const char* secret : {"Bearer of-unknown", "Bearer of-nobody", ""}) {
    EXPECT_EQ(Example().OwnerOf(secret), std::nullopt) << secret;
  }
  EXPECT_EQ(Example().OwnerOf(std::nullopt), std::nullopt);
}

TEST(Authenticity, NamesTheFirstOfTwoRowsWithTheSameSecret) {
  const Authenticity authenticity({{}, {.accepted = {"same"}}, {.accepted = {"same"}}});
  EXPECT_EQ(authenticity.OwnerOf("same"), 1U);
}

TEST(Authenticity, AcceptsAnythingUnderAuthNone) {
  EXPECT_TRUE(Example().Accepts(kConnect, std::nullopt));
  EXPECT_TRUE(Example().Accepts(kConnect, "whatever"));
}

TEST(Authenticity, KeepsUnknownClosedIfAProviderIsOpen) {
  EXPECT_FALSE(Example().Accepts(ProviderTable::kUnknown, "whatever"));
}

TEST(Authenticity, RefusesEverythingForAProviderWithoutCredentials) {
  EXPECT_FALSE(Example().Accepts(kWithout, "Bearer onfido-new"));
  EXPECT_FALSE(Example().Accepts(kWithout, ""));
  EXPECT_FALSE(Example().Accepts(kWithout, std::nullopt));
  EXPECT_FALSE(Example().Accepts(99, "Bearer onfido-new")) << "a row that the table lacks";
}

constexpr ProviderTable::Index kSigned = 1;
constexpr ProviderTable::Index kSignedAndAuthorized = 2;

Authenticity Events() {
  return Authenticity({{},
                       {.signing_keys = {"new", "old"}},
                       {.accepted = {"Bearer both"}, .signing_keys = {"key"}}});
}

TEST(Authenticity, LeavesARowThatOnlyAsksForASignatureToItsBody) {
  EXPECT_TRUE(Events().Accepts(kSigned, std::nullopt));
  EXPECT_TRUE(Events().Accepts(kSigned, "anything"));
  EXPECT_FALSE(Events().KnowsSender(kSigned));
  EXPECT_EQ(Events().SigningKeysOf(kSigned).size(), 2U);
}

TEST(Authenticity, AsksForBothWhereARowDoes) {
  EXPECT_FALSE(Events().Accepts(kSignedAndAuthorized, std::nullopt));
  EXPECT_FALSE(Events().Accepts(kSignedAndAuthorized, "Bearer other"));
  EXPECT_TRUE(Events().Accepts(kSignedAndAuthorized, "Bearer both"));
  EXPECT_TRUE(Events().KnowsSender(kSignedAndAuthorized));
  EXPECT_EQ(Events().SigningKeysOf(kSignedAndAuthorized).size(), 1U);
}

TEST(Authenticity, LetsNobodyAvoidASignatureUnderAnUnknownName) {
  EXPECT_FALSE(Events().Accepts(ProviderTable::kUnknown, "Bearer both"));
  EXPECT_FALSE(Events().Accepts(ProviderTable::kUnknown, std::nullopt));
  EXPECT_EQ(Events().OwnerOf("Bearer both"), std::nullopt) << "it authenticates nobody alone";
}

TEST(Authenticity, KnowsTheSenderOfAnAcceptedHeadUnlessTheRowIsOpen) {
  EXPECT_TRUE(Example().KnowsSender(kOnfido));
  EXPECT_TRUE(Example().KnowsSender(ProviderTable::kUnknown));
  EXPECT_FALSE(Example().KnowsSender(3)) << "auth: none";
}

TEST(Authenticity, HasNoKeysForOtherRows) {
  EXPECT_TRUE(Example().SigningKeysOf(kOnfido).empty());
  EXPECT_FALSE(Example().KnowsSender(99));
  EXPECT_TRUE(Example().SigningKeysOf(99).empty());
}

}  // namespace
}  // namespace ingest
