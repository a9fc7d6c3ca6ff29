#include "ops/ctl/erase/naming_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "common/domain/reconciled.h"

namespace ctl {
namespace {

using How = NamingRecord::How;
using What = NamingRecord::What;
using common::Offset;
using common::Partition;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kCallback = R"({"dossierId":"d-1","processId":"P-1","status":"accepted"})";
constexpr const char* kResult =
    R"({"provider":"onfido","dossierId":"d-1","processId":"p-2","status":"accepted"})";
constexpr const char* kOfAnother = R"({"dossierId":"d-2","processId":"p-3"})";

class NamingJudgeTest : public testing::Test {
 protected:
  /// Learns as well.
  std::optional<How> Take(What what, const JudgedRecord& record) {
    const auto how = judge.Judge(what, record);
    if (how) judge.Learn(what, "topic", {Partition(0), Offset(1)}, record);
    return how;
  }
  /// Judges it again if it is open.
  std::optional<How> TakeAtLast(What what, const JudgedRecord& record) {
    const auto how = Take(what, record);
    if (how) return how;
    const auto open = judge.Open(what, "topic", {Partition(0), Offset(1)}, record);
    return open ? judge.JudgeAgain(*open) : std::nullopt;
  }
  /// A dead letter whose body is left out.
  std::optional<How> TakeOmitted(std::string_view key) {
    return TakeAtLast(What::kLetter, {.key = key, .headers = {{"dead.body", "omitted"}}});
  }

  const common::ProviderTable providers;
  const DossierName dossier{"d-1"};
  NamingJudge judge{dossier, providers};
};

TEST_F(NamingJudgeTest, FindsALetterWithoutABodyByTheProcessOfACallbackOrAResult) {
  EXPECT_EQ(Take(What::kCallback, {.key = "P-1", .value = kCallback}), How::kField);
  EXPECT_EQ(Take(What::kCallback, {.key = "p-3", .value = kOfAnother}), std::nullopt);
  EXPECT_EQ(Take(What::kResult, {.key = "p-2", .value = kResult}), How::kField);
  EXPECT_EQ(TakeOmitted("P-1"), How::kKey);
  EXPECT_EQ(TakeOmitted("p-2"), How::kKey);
  EXPECT_EQ(judge.unjudged(), 0U);
  EXPECT_EQ(TakeOmitted("p-3"), std::nullopt);
  EXPECT_EQ(judge.unjudged(), 1U);
}

TEST_F(NamingJudgeTest, FindsAnnouncementAndItsTombstone) {
  EXPECT_EQ(TakeAtLast(What::kAnnouncement, {.key = "p-2"}), std::nullopt) << "to forget it";
  EXPECT_EQ(Take(What::kAnnouncement, {.key = "p-3", .value = kOfAnother}), std::nullopt);
  EXPECT_EQ(Take(What::kAnnouncement, {.key = "p-2", .value = kResult}), How::kField);
  EXPECT_EQ(Take(What::kAnnouncement, {.key = "p-2"}), How::kKey);
  EXPECT_EQ(TakeOmitted("p-2"), How::kKey) << "a letter of the process";
  const auto reconciled =
      common::IdentityOf("onfido", common::DossierId("d-1"), common::ProcessId("p-2"), "");
  EXPECT_EQ(Take(What::kMarker, {.key = reconciled.view()}), How::kHash);
}

TEST_F(NamingJudgeTest, FindsBothMarkersOfUnknownRoute) {
  const auto marker =
      common::IdentityOfNoRow(common::DossierId("d-1"), common::ProcessId("P-1"), "accepted");
  EXPECT_EQ(Take(What::kCallback, {.value = kCallback, .headers = {{"provider", "onfido"}}}),
            How::kField);
  EXPECT_EQ(Take(What::kMarker, {.key = marker.view()}), std::nullopt) << "its route is a row";
  EXPECT_EQ(Take(What::kCallback, {.value = kCallback, .headers = {{"provider", "onfdo"}}}),
            How::kField);
  EXPECT_EQ(Take(What::kMarker, {.key = marker.view()}), How::kHash);
}

TEST_F(NamingJudgeTest, FindsSecondMarkerByResultOfRouteWithoutRow) {
  const auto marker =
      common::IdentityOfNoRow(common::DossierId("d-1"), common::ProcessId("p-1"), "accepted");
  const std::string rest =
      R"(","dossierId":"d-1","processId":"p-1","status":"accepted",)"
      R"("callback":{"receivedAt":"2026-11-01T00:00:00.000Z","partition":3,"offset":17},"process":{}})";
  for (const std::string provider : {"onfido", "onfdo"}) {
    const std::string value = R"({"provider":")" + provider + rest;
    EXPECT_EQ(Take(What::kResult, {.value = value}), How::kField);
    EXPECT_EQ(Take(What::kMarker, {.key = marker.view()}).has_value(), provider == "onfdo");
  }
}

TEST_F(NamingJudgeTest, FindsAllMarkersOfAResultWithoutACallback) {
  const common::DossierId id("d-1");
  const common::ProcessId process("p-2");
  EXPECT_EQ(
      Take(What::kResult, {.key = "p-2",
                           .value = R"({"provider":"onfido","dossierId":"d-1","processId":"p-2",)"
                                    R"("status":"accepted","callback":null,"process":{}})"}),
      How::kField);
  for (const char* status : {"accepted", ""}) {
    const auto announced = common::IdentityOf("onfido", id, process, status);
    const auto nobodys = common::IdentityOfReconciled(id, process, status);
    EXPECT_EQ(Take(What::kMarker, {.key = announced.view()}), How::kHash);
    EXPECT_EQ(Take(What::kMarker, {.key = nobodys.view()}), How::kHash);
  }
}

TEST_F(NamingJudgeTest, FindsALetterWithoutADossierByItsProcess) {
  const JudgedRecord malformed{.key = "p-2", .value = R"({"processId":"p-2","oops":1})"};
  EXPECT_EQ(Take(What::kLetter, malformed), std::nullopt);
  EXPECT_EQ(Take(What::kResult, {.key = "p-2", .value = kResult}), How::kField);
  EXPECT_EQ(Take(What::kLetter, malformed), How::kKey);
  EXPECT_EQ(judge.unjudged(), 0U);
}

TEST_F(NamingJudgeTest, FindsACallbackWithoutADossierByTheProcessOfALaterRecord) {
  const JudgedRecord malformed{.key = "p-2", .value = R"({"processId":"p-2"})"};
  EXPECT_EQ(Take(What::kCallback, malformed), std::nullopt);
  const auto open = judge.Open(What::kCallback, "callbacks", {Partition(0), Offset(1)}, malformed);
  ASSERT_TRUE(open);
  EXPECT_EQ(judge.JudgeAgain(*open), std::nullopt) << "nobody knows the process yet";
  EXPECT_EQ(judge.unjudged(), 0U) << "it has a body, which does not name the dossier";
  EXPECT_EQ(Take(What::kResult, {.key = "p-2", .value = kResult}), How::kField);
  EXPECT_EQ(judge.JudgeAgain(*open), How::kKey);
  const auto identity = common::IdentityOfUnreadable("unknown", malformed.value);
  EXPECT_EQ(Take(What::kMarker, {.key = identity.view()}), How::kHash) << "its marker";
}

TEST_F(NamingJudgeTest, LeavesRecordsOpenThatTheirKeyMayFind) {
  const auto is_open = [&](What what, std::string_view value) {
    return judge.Open(what, "topic", {Partition(0), Offset(1)}, {.key = "k", .value = value})
        .has_value();
  };
  EXPECT_TRUE(is_open(What::kLetter, R"({"processId":"p-2"})"));
  EXPECT_FALSE(is_open(What::kCallback, "no JSON")) << "its key is a hash";
  EXPECT_FALSE(is_open(What::kCallback, kOfAnother));
  EXPECT_FALSE(is_open(What::kResult, R"({"processId":"p-2"})"));
}

TEST_F(NamingJudgeTest, LeavesALetterOfAnotherDossierWithTheSameProcess) {
  EXPECT_EQ(Take(What::kResult, {.key = "p-2", .value = kResult}), How::kField);
  EXPECT_EQ(Take(What::kLetter, {.key = "p-2", .value = kOfAnother}), std::nullopt);
}

TEST_F(NamingJudgeTest, KnowsMarkersOnlyThroughOtherRecords) {
  EXPECT_FALSE(judge.KnowsIdentities());
  const auto identity =
      common::IdentityOf("onfido", common::DossierId("d-1"), common::ProcessId("p-2"), "accepted");
  const JudgedRecord marker{.key = identity.view()};
  EXPECT_EQ(Take(What::kMarker, marker), std::nullopt);
  judge.Learn(What::kCallback, "callbacks", {Partition(0), Offset(1)},
              {.value = R"({"dossierId":"d-1","processId":"p-2","status":"accepted"})",
               .headers = {{"provider", "onfido"}}});
  EXPECT_TRUE(judge.KnowsIdentities());
  EXPECT_EQ(Take(What::kMarker, marker), How::kHash);
}

TEST(NamingJudge, FindsEventsAtThePointersOfTheirRowAndBothMarkers) {
  common::ProviderRow row{.name = "assure-events", .dedup_window = std::chrono::hours(48)};
  common::EventRules& rules = row.events.emplace();
  rules.extract.id = {"id"};
  rules.extract.dossier = {"data", "d"};
  rules.extract.process = {"data", "p"};
  rules.same_as = "onfido";
  const common::ProviderTable providers(
      {{.name = "onfido", .dedup_window = std::chrono::hours(12)}, row});
  const DossierName dossier{"d-1"};
  NamingJudge judge{dossier, providers};
  const JudgedRecord event{.key = "p-1",
                           .value = R"({"id":"e-1","data":{"d":" d-1 ","p":"p-1"}})",
                           .headers = {{"provider", "assure-events"}}};
  EXPECT_EQ(judge.Judge(What::kCallback, event), How::kField);
  judge.Learn(What::kCallback, "callbacks", {Partition(0), Offset(1)}, event);
  const auto fact =
      common::IdentityOf("onfido", common::DossierId("d-1"), common::ProcessId("p-1"), "");
  const auto own = common::IdentityOfEvent("assure-events", common::EventId("e-1"));
  EXPECT_EQ(judge.Judge(What::kMarker, {.key = fact.view()}), How::kHash);
  EXPECT_EQ(judge.Judge(What::kMarker, {.key = own.view()}), How::kHash);
}

TEST(NamingRemarks, NameRecordsThatAreNotFoundAndUntilWhen) {
  const common::WallTime noon{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1} +
                              std::chrono::hours(12)};
  EXPECT_THAT(AboutLostMarkers({.when = RecordEnd::When::kBy, .by = noon}),
              HasSubstr("(until 2026-12-01T12:00:00.000Z)"));
  EXPECT_THAT(AboutLostMarkers({.when = RecordEnd::When::kNever, .why = "retention.ms=-1"}),
              HasSubstr("(never: retention.ms=-1)"));
  EXPECT_THAT(AboutUnjudged(1), StartsWith("1 dead letter has no body"));
  EXPECT_THAT(AboutUnjudged(2), StartsWith("2 dead letters have no body"));
}

}  // namespace
}  // namespace ctl
