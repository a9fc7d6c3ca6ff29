#include "common/config/provider_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct Read {
  ProviderTable table;
  std::vector<std::string> mistakes;
  std::vector<std::string> doubts;
  std::vector<std::string> names_of_more;
};

Read ReadRows(std::string_view text) {
  Document document = Document::Parse(text, EnvironmentOf({}));
  Read read;
  read.table = ReadProviders(document.root(), [&](const ProviderRow& row, const Section& section) {
    read.names_of_more.push_back(row.name);
    std::string ignored;
    section.Read("more", ignored);
  });
  read.mistakes = Rendered(document.Finish());
  read.doubts = Rendered(document.Doubts());
  return read;
}

const ProviderRow& Row(const Read& read, std::string_view name) {
  return read.table[read.table.Resolve(name)];
}

TEST(ProviderSettings, KeepTheBuiltInRowsByDefault) {
  for (const std::string_view text : {"", "providers:\n", "providers: {}\n"}) {
    const Read read = ReadRows(text);
    EXPECT_THAT(read.mistakes, IsEmpty());
    EXPECT_EQ(read.table.rows().size(), ProviderTable().rows().size());
  }
}

TEST(ProviderSettings, OverrideFieldsOfABuiltInRow) {
  const Read read = ReadRows(R"(
providers:
  eid: { dedup_window: 6h, aliases: [videoid] }
  onfido:
    on_unavailable: spool
    transient_status: 429
    retry_schedule: [1m, 11h]
)");
  EXPECT_THAT(read.mistakes, IsEmpty());
  EXPECT_EQ(Row(read, "videoid").name, "eid");
  EXPECT_EQ(Row(read, "eid").dedup_window, hours(6));
  EXPECT_EQ(Row(read, "eid").retry_schedule.size(), 14U);
  EXPECT_EQ(Row(read, "signicatvideoid").name, "unknown");
  EXPECT_EQ(Row(read, "onfido").on_unavailable, OnUnavailable::kSpool);
  EXPECT_EQ(Row(read, "onfido").transient_status, 429);
  EXPECT_THAT(Row(read, "onfido").retry_schedule, ElementsAre(minutes(1), hours(11)));
  EXPECT_EQ(Row(read, "onfido").dedup_window, hours(12));
}

TEST(ProviderSettings, AddRowsWithTheWindowOfUnknown) {
  const Read read = ReadRows(R"(
providers:
  trapets: {}
  facetec: { retry_schedule: { every: 10m, attempts: 3 }, dedup_window: 1h }
)");
  EXPECT_THAT(read.mistakes, IsEmpty());
  EXPECT_EQ(Row(read, "trapets").dedup_window, hours(48));
  EXPECT_EQ(Row(read, "trapets").transient_status, 503);
  EXPECT_EQ(Row(read, "trapets").on_unavailable, OnUnavailable::kRefuse);
  EXPECT_THAT(Row(read, "facetec").retry_schedule, ElementsAre(minutes(10), minutes(20)));
}

TEST(ProviderSettings, BeginARowAsABuiltInOne) {
  const Read read = ReadRows(R"(
providers:
  readid: { dedup_window: 60h }
  acme-readid: { like: readid }
  acme-eid: { like: eid, dedup_window: 5h }
)");
  EXPECT_THAT(read.mistakes, IsEmpty());
  const ProviderRow& readid = Row(read, "acme-readid");
  EXPECT_EQ(readid.name, "acme-readid");
  EXPECT_TRUE(readid.penalises_statuses);
  EXPECT_EQ(readid.transient_status, 429);
  EXPECT_EQ(readid.dedup_window, hours(48)) << "built in, not as changed here";
  EXPECT_EQ(Row(read, "acme-eid").dedup_window, hours(5));
  EXPECT_EQ(Row(read, "acme-eid").retry_schedule.size(), 14U);
  EXPECT_EQ(Row(read, "signicatvideoid").name, "eid") << "no alias has two rows";
}

TEST(ProviderSettings, RefuseLikeOfRowThatIsNotBuiltIn) {
  EXPECT_THAT(ReadRows("providers:\n  acme: { like: onfdo }\n").mistakes,
              ElementsAre("f.yaml:2:17: providers.acme.like: is no built-in row"));
  EXPECT_THAT(ReadRows("providers:\n  eid: { like: readid }\n").mistakes,
              ElementsAre("f.yaml:2:16: providers.eid.like: is for rows of other names than the "
                          "built-in ones"));
}

TEST(ProviderSettings, LetABinaryReadItsOwnKeysOfARow) {
  const Read read = ReadRows("providers:\n  eid: { more: yes }\n  unknown: { more: yes, x: 1 }\n");
  EXPECT_THAT(read.names_of_more, ElementsAre("eid", "unknown"));
  EXPECT_THAT(
      read.mistakes,
      ElementsAre("f.yaml:3:25: providers.unknown.x: unknown key; known here: account, "
                  "aliases, auth, authorization, authorization_file, dedup_window, extract, "
                  "fetch, kind, like, more, on_unavailable, ping, retry_schedule, same_as, "
                  "signature, transient_status, types"));
}

TEST(ProviderSettings, ReportMistakesWithPositionsAndFallBackToTheBuiltInRows) {
  const Read read = ReadRows(R"(providers:
  onfido: { dedup_window: 9h }
  eid: { retry_schedule: { every: 1m } }
  paper: { aliases: [connect] }
  readid: { transient_status: 503 }
  connect: { transient_status: 200, dedup_window: 0s, on_unavailable: drop }
  webid: { retry_schedule: [soon] }
  Bad Name: {}
  pictureid: nothing
)");
  EXPECT_THAT(
      read.mistakes,
      ElementsAre(
          "f.yaml:2:11: providers.onfido: dedup_window (32400 s) is shorter than its "
          "retry_schedule (36000 s)",
          "f.yaml:3:26: providers.eid.retry_schedule.attempts: must be set",
          "f.yaml:5:11: providers.readid: transient_status 503 would make this provider hold back "
          "or drop its callbacks; 429 does not",
          "f.yaml:6:12: providers.connect: the name 'connect' belongs to paper already",
          "f.yaml:6:32: providers.connect.transient_status: must be between 400 and 599",
          "f.yaml:6:51: providers.connect.dedup_window: must be between 1m and 2160h",
          "f.yaml:6:71: providers.connect.on_unavailable: expected refuse or spool, not 'drop'",
          "f.yaml:7:28: providers.webid.retry_schedule: expected a list of durations in whole "
          "seconds, such as [30s, 2m]",
          "f.yaml:8:13: providers.Bad Name: 'Bad Name' must consist of a-z, 0-9, '-', '.', '_', "
          "'~'",
          "f.yaml:9:14: providers.pictureid: expected a mapping: lines of `key: value`"));
  EXPECT_EQ(Row(read, "onfido").dedup_window, hours(12));
}

TEST(ProviderSettings, DoubtANewNameThatResemblesABuiltInOne) {
  const auto doubts = [](const std::string& name) {
    return ReadRows("providers:\n  " + name + ": { dedup_window: 4h }\n").doubts;
  };
  EXPECT_THAT(
      doubts("onfidio"),
      ElementsAre("f.yaml:2:12: providers.onfidio: resembles the built-in name 'onfido', but "
                  "adds a provider of its own: correct it if it is mistyped"));
  EXPECT_THAT(doubts("edi"), ElementsAre(testing::HasSubstr("'eid'")));
  EXPECT_THAT(doubts("signicatpapper"), ElementsAre(testing::HasSubstr("'signicatpaper'")));
  EXPECT_THAT(doubts("onfido"), IsEmpty());
  EXPECT_THAT(doubts("assure-events"), IsEmpty());
}

}  // namespace
}  // namespace common::config
