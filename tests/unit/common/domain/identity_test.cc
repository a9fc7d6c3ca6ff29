#include "common/domain/identity.h"

#include <gtest/gtest.h>

#include "common/base/text.h"

namespace common {
namespace {

std::string Hex(const Identity& identity) { return ToHex(identity.view()); }

Identity Of(std::string_view provider, const std::string& dossier, const std::string& process,
            std::string_view status) {
  return IdentityOf(provider, DossierId(dossier), ProcessId(process), status);
}

const std::string kDossier = "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10";
const std::string kProcess = "7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44";

// Every digest here was computed independently, with Python:
//   sha256(b"".join(struct.pack(">I", len(p)) + p for p in parts)).hexdigest()[:32]
TEST(Identity, HashesLengthPrefixedParts) {
  EXPECT_EQ(Hex(Of("onfido", kDossier, kProcess, "accepted")), "ddc4207094e555c62e59bc138ea340c9");
  EXPECT_EQ(Hex(Of("paper", "d\xC3\xB6ssier", "p", "s")), "f398d077c870db8f4c59fda9d0c067f0");
}

TEST(Identity, HashesAnAbsentStatusAsEmpty) {
  EXPECT_EQ(Hex(Of("onfido", "d", "p", "")), "c0ed8f6b17f8a09add986061100e1dad");
}

TEST(Identity, DistinguishesDifferentSplitsOfTheSameText) {
  EXPECT_EQ(Hex(Of("ab", "c", "", "")), "1c3f8754d58ed7595901b4b0c8ac1313");
  EXPECT_EQ(Hex(Of("a", "bc", "", "")), "4204543ad59e75a59d3fa95517664edd");
}

TEST(Identity, HashesTheBodyOfAnUnreadableCallback) {
  EXPECT_EQ(Hex(IdentityOfUnreadable("eid", "not json")), "6f316cfab3eba4c5d4564a1f67fa2bb5");
}

TEST(Identity, HashesRowAndIdOfAnEvent) {
  EXPECT_EQ(Hex(IdentityOfEvent("assure-events", EventId("evt-1"))),
            "c62fa475674e13c597f4e6487fded878");
}

TEST(Identity, IncludesTheDeadLetterOfARedrivenCallback) {
  const Identity original = Of("onfido", kDossier, kProcess, "accepted");
  EXPECT_EQ(Hex(IdentityOfRedriven(original, "callbacks.dead-3-42")),
            "562f10365c4cd2a3a6a4bf70eb2c847b");
}

TEST(Identity, ParsesExactlySixteenBytes) {
  const Identity identity = Of("onfido", "d", "p", "");
  EXPECT_EQ(Identity::FromBytes(identity.view()), identity);
  EXPECT_EQ(Identity::FromBytes(identity.view().substr(1)), std::nullopt);
  EXPECT_EQ(Identity::FromBytes(std::string(identity.view()) + "x"), std::nullopt);
}

}  // namespace
}  // namespace common
