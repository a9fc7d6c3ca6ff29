#include "ingest/policy/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace ingest {
namespace {

using common::ProviderRow;
using common::ProviderTable;

const ProviderRow& RowOf(const std::string& name) {
  static const ProviderTable table;
  return table[table.Resolve(name)];
}

/// "503", "405 Allow: POST", "413 close".
std::string Render(const ProviderAnswer& verdict) {
  return std::to_string(verdict.status) + (verdict.allow_post ? " Allow: POST" : "") +
         (verdict.challenge ? " challenge" : "") + (verdict.close ? " close" : "");
}

struct TableRow {
  Situation situation;
  std::string onfido;
  std::string eid;
  std::string readid;
  std::string one_shot;  // paper, connect, webid, pictureid
  std::string unknown;
};

// A second copy of the answer table: each provider's answer in each situation.
const std::vector<TableRow>& AnswerTable() {
  static const std::vector<TableRow> table = {
      {Situation::kDurable, "200", "200", "200", "200", "200"},
      {Situation::kSpooled, "200", "200", "200", "200", "200"},
      {Situation::kUnavailable, "503", "503", "429", "503", "429"},
      {Situation::kShed, "503", "503", "429", "503", "429"},
      {Situation::kDraining, "503 close", "503 close", "429 close", "503 close", "429 close"},
      {Situation::kInternalError, "503", "503", "429", "503", "429"},
      {Situation::kAnswerTooLate, "503", "503", "429", "503", "429"},
      {Situation::kUnauthorized, "401 challenge", "401 challenge", "401 challenge", "401 challenge",
       "401 challenge"},
      {Situation::kUnsigned, "401 challenge", "401 challenge", "401 challenge", "401 challenge",
       "401 challenge"},
      {Situation::kWrongSignature, "401 challenge", "401 challenge", "401 challenge",
       "401 challenge", "401 challenge"},
      {Situation::kStaleSignature, "401 challenge", "401 challenge", "401 challenge",
       "401 challenge", "401 challenge"},
      {Situation::kOutsidePrefix, "404", "404", "404", "404", "404"},
      {Situation::kWrongMethod, "405 Allow: POST", "405 Allow: POST", "403", "405 Allow: POST",
       "403"},
      {Situation::kBodyTooLarge, "413 close", "413 close", "413 close", "413 close", "413 close"},
      {Situation::kHeadTooLarge, "431 close", "431 close", "431 close", "431 close", "431 close"},
      {Situation::kLengthRequired, "411 close", "411 close", "411 close", "411 close", "411 close"},
      {Situation::kMalformed, "400 close", "400 close", "400 close", "400 close", "400 close"},
      {Situation::kHeadTooSlow, "408 close", "408 close", "408 close", "408 close", "408 close"},
      {Situation::kBodyTooSlow, "408 close", "408 close", "408 close", "408 close", "408 close"},
      {Situation::kTooManyConnections, "429 close", "429 close", "429 close", "429 close",
       "429 close"},
  };
  return table;
}

TEST(AnswerTable, GivesEachProviderItsStatusInEachSituation) {
  for (const TableRow& row : AnswerTable()) {
    const std::map<std::string, std::string> expected = {
        {"onfido", row.onfido},      {"eid", row.eid},          {"readid", row.readid},
        {"paper", row.one_shot},     {"connect", row.one_shot}, {"webid", row.one_shot},
        {"pictureid", row.one_shot}, {"unknown", row.unknown}};
    for (const auto& [provider, answer] : expected) {
      EXPECT_EQ(Render(AnswerFor(row.situation, RowOf(provider))), answer)
          << NameOf(row.situation) << " for " << provider;
    }
  }
}

TEST(AnswerTable, HasALineForEverySituation) {
  std::vector<Situation> in_table;
  for (const TableRow& row : AnswerTable()) in_table.push_back(row.situation);
  EXPECT_THAT(in_table, ::testing::ElementsAreArray(kAllSituations));
}

TEST(AnswerTable, CoversEveryBuiltInProvider) {
  const ProviderTable table;
  std::vector<std::string> names;
  for (const ProviderRow& row : table.rows()) names.push_back(row.name);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("unknown", "onfido", "eid", "readid", "paper",
                                                     "connect", "webid", "pictureid"));
}

// Promise P3.
TEST(AnswerTable, GivesNoPenalStatusToASenderThatPenalises) {
  const ProviderTable table;
  for (const ProviderRow& row : table.rows()) {
    if (!row.penalises_statuses) continue;
    for (const Situation situation : kAllSituations) {
      const int status = AnswerFor(situation, row).status;
      const bool is_allowed =
          (situation == Situation::kMalformed && status == 400) ||    // request smuggling
          (situation == Situation::kOutsidePrefix && status == 404);  // not a callback
      EXPECT_TRUE(is_allowed || !common::IsPenal(status))
          << NameOf(situation) << " gives " << status << " to " << row.name;
    }
  }
}

TEST(AnswerTable, Gives200ExactlyForDurableCallbacks) {
  const ProviderTable table;
  for (const ProviderRow& row : table.rows()) {
    for (const Situation situation : kAllSituations) {
      const int status = AnswerFor(situation, row).status;
      if (situation == Situation::kDurable || situation == Situation::kSpooled) {
        EXPECT_EQ(status, 200) << row.name;
      } else {
        EXPECT_GE(status, 400) << NameOf(situation) << " for " << row.name;
      }
    }
  }
}

TEST(AnswerTable, TakesTheTransientStatusFromTheRow) {
  ProviderRow row;
  row.name = "trapets";
  row.transient_status = 409;
  for (const Situation situation : {Situation::kUnavailable, Situation::kShed, Situation::kDraining,
                                    Situation::kInternalError, Situation::kAnswerTooLate}) {
    EXPECT_EQ(AnswerFor(situation, row).status, 409) << NameOf(situation);
  }
}

TEST(PenalStatuses, MatchTheRulesOfReadId) {
  std::vector<int> penal;
  for (int status = 200; status < 500; ++status) {
    if (common::IsPenal(status)) penal.push_back(status);
  }
  EXPECT_THAT(penal, ::testing::ElementsAre(400, 404, 405, 406, 410, 414, 415));
  for (int status = 500; status < 600; ++status) EXPECT_TRUE(common::IsPenal(status)) << status;
}

TEST(Situations, HaveUniqueNames) {
  std::map<std::string_view, int> names;
  for (const Situation situation : kAllSituations) ++names[NameOf(situation)];
  EXPECT_EQ(names.size(), std::size(kAllSituations));
}

}  // namespace
}  // namespace ingest
