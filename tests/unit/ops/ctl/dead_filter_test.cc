#include "ops/ctl/dead/dead_filter.h"

#include <gtest/gtest.h>

namespace ctl {
namespace {

using common::Offset;
using common::Partition;

const common::ProviderTable kProviders;

DeadSummary Letter() {
  DeadSummary letter;
  letter.time = *common::ParseRfc3339("2026-11-23T10:00:00Z");
  letter.key = "process-1";
  letter.provider = "eid";
  letter.reason = "gone";
  letter.dossier = "54a1ad5f-74dd-47ba-b992-1cb2b4636341";
  letter.process = "process-1";
  return letter;
}

/// "yes", "no", or the error in the options.
std::string Selects(const Arguments::Options& options, const DeadSummary& letter = Letter()) {
  const auto filter = ReadDeadFilter(Arguments(options));
  if (!filter) {
    EXPECT_EQ(filter.error().remedy, common::Remedy::kReject);
    return filter.error().detail;
  }
  return Matches(*filter, letter, kProviders) ? "yes" : "no";
}

TEST(DeadFilter, MatchesEveryLetterByDefault) {
  EXPECT_TRUE(ReadDeadFilter(Arguments())->IsEmpty());
  EXPECT_EQ(Selects({}), "yes");
  EXPECT_EQ(Selects({}, DeadSummary()), "yes");
}

TEST(DeadFilter, MatchesByReason) {
  EXPECT_EQ(Selects({{"--reason", "gone"}}), "yes");
  EXPECT_EQ(Selects({{"--reason", "too-old"}}), "no");
  EXPECT_EQ(Selects({{"--reason", "gone"}}, DeadSummary()), "no");
  EXPECT_EQ(Selects({{"--reason", "lost"}}),
            "--reason lost: there are malformed, gone, rejected, too-old, unreadable-response");
}

TEST(DeadFilter, MatchesProviderByNameAndAliasIgnoringCase) {
  EXPECT_EQ(Selects({{"--provider", "eid"}}), "yes");
  EXPECT_EQ(Selects({{"--provider", "EID"}}), "yes");
  EXPECT_EQ(Selects({{"--provider", "onfido"}}), "no");
  EXPECT_EQ(Selects({{"--provider", ""}}), "--provider is empty");
  for (const std::string& alias : kProviders[kProviders.Resolve("eid")].aliases) {
    EXPECT_EQ(Selects({{"--provider", alias}}), "yes") << alias;
  }
}

TEST(DeadFilter, MatchesUnconfiguredProvidersAsUnknown) {
  DeadSummary letter = Letter();
  letter.provider = "onfidoo/v2";
  EXPECT_EQ(Selects({{"--provider", "unknown"}}, letter), "yes");
  EXPECT_EQ(Selects({{"--provider", "onfidoo/v2"}}, letter), "yes");
  EXPECT_EQ(Selects({{"--provider", "onfidoo"}}, letter), "no");
  EXPECT_EQ(Selects({{"--provider", "onfido"}}, letter), "no");
  EXPECT_EQ(Selects({{"--provider", "unknown"}}), "no");
  EXPECT_EQ(Selects({{"--provider", "onfidoo/v2"}}), "no");
}

TEST(DeadFilter, MatchesIdInDossierProcessOrKey) {
  EXPECT_EQ(Selects({{"--id", "process-1"}}), "yes");
  EXPECT_EQ(Selects({{"--id", " 54A1AD5F-74DD-47BA-B992-1CB2B4636341 "}}), "yes");
  EXPECT_EQ(Selects({{"--id", "process"}}), "no");
  EXPECT_EQ(Selects({{"--id", "  "}}), "--id is empty");
  DeadSummary unreadable;
  unreadable.key = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
  EXPECT_EQ(Selects({{"--id", unreadable.key}}, unreadable), "yes");
}

TEST(DeadFilter, IncludesItsStartAndExcludesItsEnd) {
  EXPECT_EQ(Selects({{"--from", "2026-11-23T10:00:00Z"}}), "yes");
  EXPECT_EQ(Selects({{"--from", "2026-11-23T10:00:00.001Z"}}), "no");
  EXPECT_EQ(Selects({{"--to", "2026-11-23T10:00:00Z"}}), "no");
  EXPECT_EQ(Selects({{"--to", "2026-11-23T10:00:00.001Z"}}), "yes");
  EXPECT_EQ(Selects({{"--from", "2026-11-23T10:00:00Z"}, {"--to", "2026-11-23T11:00:00+01:00"}}),
            "--to must be later than --from");
  EXPECT_EQ(Selects({{"--from", "today"}}),
            "--from must be a time as in RFC 3339: 2026-11-23T07:00:00Z");
}

TEST(DeadFilter, RequiresAllOfItsConditions) {
  EXPECT_EQ(Selects({{"--reason", "gone"}, {"--provider", "eid"}, {"--id", "process-1"}}), "yes");
  EXPECT_EQ(Selects({{"--reason", "gone"}, {"--provider", "readid"}, {"--id", "process-1"}}), "no");
}

TEST(DeadFilter, MatchesByPlace) {
  DeadFilter filter;
  filter.places = {{Partition(3), Offset(17)}, {Partition(4), Offset(2)}};
  EXPECT_FALSE(filter.IsEmpty());
  DeadSummary letter = Letter();
  letter.place = {Partition(3), Offset(17)};
  EXPECT_TRUE(Matches(filter, letter, kProviders));
  letter.place = {Partition(3), Offset(18)};
  EXPECT_FALSE(Matches(filter, letter, kProviders));
}

}  // namespace
}  // namespace ctl
