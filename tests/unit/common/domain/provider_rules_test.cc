#include "common/domain/provider_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const ProviderRow& Row(const ProviderTable& table, std::string_view name) {
  return table[table.Resolve(name)];
}

// One line per row of the table in the architecture document.
TEST(ProviderTable, HasTheBuiltInRows) {
  const ProviderTable table;
  const struct {
    std::string_view name;
    int transient_status;
    OnUnavailable on_unavailable;
    hours window;
    seconds last_repetition;
    bool penalises_statuses;
  } kRows[] = {
      {"unknown", 429, OnUnavailable::kSpool, hours(48), seconds(0), true},
      {"onfido", 503, OnUnavailable::kRefuse, hours(12), hours(10), false},
      {"eid", 503, OnUnavailable::kRefuse, hours(4), minutes(140), false},
      {"readid", 429, OnUnavailable::kRefuse, hours(48), hours(24), true},
      {"paper", 503, OnUnavailable::kSpool, hours(1), seconds(0), false},
      {"connect", 503, OnUnavailable::kSpool, hours(1), seconds(0), false},
      {"webid", 503, OnUnavailable::kSpool, hours(48), seconds(0), false},
      {"pictureid", 503, OnUnavailable::kSpool, hours(48), seconds(0), false},
  };
  EXPECT_EQ(table.rows().size(), std::size(kRows));
  for (const auto& expected : kRows) {
    SCOPED_TRACE(expected.name);
    const ProviderRow& row = Row(table, expected.name);
    EXPECT_EQ(row.name, expected.name);
    EXPECT_EQ(row.transient_status, expected.transient_status);
    EXPECT_EQ(row.on_unavailable, expected.on_unavailable);
    EXPECT_EQ(row.dedup_window, expected.window);
    EXPECT_EQ(row.retry_schedule.empty() ? seconds(0) : row.retry_schedule.back(),
              expected.last_repetition);
    EXPECT_EQ(row.penalises_statuses, expected.penalises_statuses);
  }
  EXPECT_THAT(FindMistakes(table.rows()), IsEmpty());
}

TEST(ProviderTable, ResolvesNamesAndAliasesIgnoringCase) {
  const ProviderTable table;
  EXPECT_EQ(Row(table, "OnFido").name, "onfido");
  EXPECT_EQ(Row(table, "SignicatVideoID").name, "eid");
  EXPECT_EQ(Row(table, "signicatpaper").name, "paper");
  EXPECT_EQ(Row(table, "signicatpictureid").name, "pictureid");
}

TEST(ProviderTable, ResolvesOtherNamesToUnknown) {
  const ProviderTable table;
  for (const std::string_view name : {"", "trapets", "onfido/", "unknown", "UNKNOWN"}) {
    EXPECT_EQ(table.Resolve(name), ProviderTable::kUnknown) << name;
  }
}

TEST(ProviderTable, MovesUnknownToTheFront) {
  const ProviderTable table({{.name = "a", .dedup_window = hours(1)},
                             {.name = "unknown", .dedup_window = hours(2)},
                             {.name = "b", .dedup_window = hours(3)}});
  EXPECT_EQ(table[ProviderTable::kUnknown].dedup_window, hours(2));
  EXPECT_EQ(Row(table, "a").dedup_window, hours(1));
  EXPECT_EQ(Row(table, "b").dedup_window, hours(3));
  EXPECT_EQ(table.DedupReach(), hours(48)) << "for copies from a spool";
}

TEST(ProviderTable, AddsUnknownIfMissing) {
  const ProviderTable table({{.name = "a", .dedup_window = hours(1)}});
  EXPECT_EQ(table[ProviderTable::kUnknown].name, "unknown");
  EXPECT_EQ(table.DedupReach(), hours(48));
}

TEST(ProviderTable, GivesRowsOfTheSameFactsTheLongestWindow) {
  const auto row_of = [](const char* name, hours window, const char* same_as) {
    ProviderRow row{.name = name, .dedup_window = window};
    row.events.emplace().same_as = same_as;
    return row;
  };
  const ProviderTable table({row_of("short", hours(2), "onfido"),
                             {.name = "onfido", .dedup_window = hours(12)},
                             row_of("long", hours(48), "onfido"),
                             row_of("alone", hours(3), "")});
  EXPECT_EQ(table[table.Resolve("short")].dedup_window, hours(48));
  EXPECT_EQ(table[table.Resolve("onfido")].dedup_window, hours(48));
  EXPECT_EQ(table[table.Resolve("long")].dedup_window, hours(48));
  EXPECT_EQ(table[table.Resolve("alone")].dedup_window, hours(3));
}

TEST(ProviderRules, CountTheFirstAttemptOfARegularSchedule) {
  EXPECT_THAT(RegularSchedule(minutes(10), 3), ElementsAre(minutes(10), minutes(20)));
  EXPECT_THAT(RegularSchedule(minutes(10), 1), IsEmpty());
}

TEST(ProviderRules, PrefixEachMistakeWithItsRow) {
  const ProviderRow good = {.name = "a", .dedup_window = hours(1)};
  const struct {
    std::string_view what;
    std::vector<ProviderRow> rows;
    std::string_view mistake;
  } kCases[] = {
      {"upper case", {{.name = "A"}}, "A: 'A' must consist of a-z, 0-9, '-', '.', '_', '~'"},
      {"two segments",
       {{.name = "a/b"}},
       "a/b: 'a/b' must consist of a-z, 0-9, '-', '.', '_', '~'"},
      {"an empty alias",
       {{.name = "a", .aliases = {""}}},
       "a: '' must consist of a-z, 0-9, '-', '.', '_', '~'"},
      {"a name twice", {good, good}, "a: the name 'a' belongs to a already"},
      {"an alias that is a name",
       {good, {.name = "b", .aliases = {"a"}}},
       "b: the name 'a' belongs to a already"},
      {"a short window",
       {{.name = "a", .dedup_window = minutes(1), .retry_schedule = {seconds(61)}}},
       "a: dedup_window (60 s) is shorter than its retry_schedule (61 s)"},
      {"a schedule out of order",
       {{.name = "a", .dedup_window = hours(1), .retry_schedule = {minutes(2), minutes(1)}}},
       "a: retry_schedule must ascend"},
      {"no error status",
       {{.name = "a", .transient_status = 200}},
       "a: transient_status must be between 400 and 599"},
      {"a status that holds back callbacks",
       {{.name = "a", .transient_status = 503, .penalises_statuses = true}},
       "a: transient_status 503 would make this provider hold back or drop its callbacks; 429 does "
       "not"},
      {"a status that loses the callback",
       {{.name = "a", .transient_status = 400, .penalises_statuses = true}},
       "a: transient_status 400 would make this provider hold back or drop its callbacks; 429 does "
       "not"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(FindMistakes(c.rows), ElementsAre(std::string(c.mistake)));
  }
}

TEST(ProviderRules, AllowAWindowAsLongAsTheSchedule) {
  EXPECT_THAT(FindMistakes({{.name = "a",
                             .dedup_window = seconds(61),
                             .retry_schedule = {seconds(30), seconds(61)}}}),
              IsEmpty());
}

}  // namespace
}  // namespace common
