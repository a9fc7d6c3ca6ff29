#include "common/json/expected_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::json {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;

constexpr std::string_view kWhole =
    R"({"dossierId":"d-1","processId":"p-1","provider":"onfido","within":"30m"})";

ExpectedProcess Whole() {
  return {.dossier = DossierId("d-1"),
          .process = ProcessId("p-1"),
          .provider = "onfido",
          .within = minutes(30)};
}

/// The mistake, or "none".
std::string MistakeIn(std::string_view json, OtherFields others = OtherFields::kRefuse) {
  const auto read = ReadExpectedProcess(json, others);
  return read ? "none" : read.error().detail;
}

std::string With(const std::string& dossier, const std::string& process,
                 const std::string& provider, const std::string& more = "") {
  return R"({"dossierId":)" + dossier + R"(,"processId":)" + process + R"(,"provider":)" +
         provider + more + "}";
}

TEST(ExpectedProcess, IsReadFromAnAnnouncement) {
  const auto read = ReadExpectedProcess(kWhole, OtherFields::kRefuse);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, Whole());
}

TEST(ExpectedProcess, HasNormalisedIdsAndTheProviderAsWritten) {
  const auto read = ReadExpectedProcess(
      With(R"(" A3F1C0D2-0B64-4B8E-8D51-6D0F1F3E9A10\n")", R"("\tNo-Uuid ")", R"(" Onfido ")"),
      OtherFields::kRefuse);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->dossier.str(), "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10");
  EXPECT_EQ(read->process.str(), "No-Uuid");
  EXPECT_EQ(read->provider, "Onfido");
  EXPECT_EQ(read->within, std::nullopt);
}

TEST(ExpectedProcess, IsRefusedWithAClauseThatNamesTheMistake) {
  const std::string id(256, 'i');
  const struct {
    std::string json;
    std::string_view mistake;
  } kCases[] = {
      {"", "not one JSON object in UTF-8"},
      {"[]", "not one JSON object in UTF-8"},
      {"null", "not one JSON object in UTF-8"},
      {"{}{}", "not one JSON object in UTF-8"},
      {R"({"dossierId":"d)", "not one JSON object in UTF-8"},
      {With("\"\xff\"", R"("p")", R"("onfido")"), "not one JSON object in UTF-8"},
      {"{}", "dossierId is missing"},
      {R"({"dossierId":"d"})", "processId is missing"},
      {R"({"dossierId":"d","processId":"p"})", "provider is missing"},
      {With("1", R"("p")", R"("onfido")"), "dossierId is not a text"},
      {With(R"("d")", "null", R"("onfido")"), "processId is not a text"},
      {With(R"("d")", R"("p")", "[]"), "provider is not a text"},
      {With(R"("d")", R"(" \t")", R"("onfido")"), "processId is empty"},
      {With("\"" + id + "\"", "\" " + id + " \"", R"("onfido")"), "none"},
      {With("\"" + id + "x\"", R"("p")", R"("onfido")"), "dossierId is longer than 256 bytes"},
      {With(R"("d")", "\"" + id + "x\"", R"("onfido")"), "processId is longer than 256 bytes"},
      {With(R"("d")", R"("p")", "\"" + id.substr(0, 129) + "\""),
       "provider is longer than 128 bytes"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"processId":"q")"),
       "processId occurs twice, with different values"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"processId":"p")"), "none"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"forget":true)"),
       "no field is named \"forget\"; there are dossierId, processId, provider and within"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"within":null)"), "none"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"within":"1ms")"), "none"},
      {With(R"("d")", R"("p")", R"("onfido")", R"(,"within":"7d")"), "none"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(MistakeIn(c.json), c.mistake);
  }
  for (const std::string within :
       {"3600", "\"3600\"", "\"\"", "\"0\"", "\"1 h\"", "\"169h\"", "true"}) {
    SCOPED_TRACE(within);
    EXPECT_EQ(MistakeIn(With(R"("d")", R"("p")", R"("onfido")", R"(,"within":)" + within)),
              "within is not a duration from 1ms to 168h, written as in \"30m\"");
  }
}

TEST(ExpectedProcess, MayHaveOtherFieldsOnTheTopic) {
  const std::string json =
      With(R"("d")", R"("p")", R"("onfido")", R"(,"order":{"processId":7,"lines":[{}]})");
  EXPECT_EQ(MistakeIn(json, OtherFields::kIgnore), "none");
  EXPECT_THAT(MistakeIn(json), HasSubstr("\"order\""));
  EXPECT_EQ(MistakeIn(R"({"dossierId":"d","processId":"p","provider":"\u006fnfido"})"), "none");
  EXPECT_EQ(MistakeIn(std::string(100'000, '[')), "not one JSON object in UTF-8");
}

TEST(ExpectedProcess, ShowsOnlyTheBeginningOfALongName) {
  const std::string mistake =
      MistakeIn(With(R"("d")", R"("p")", R"("onfido")", ",\"" + std::string(5000, 'n') + "\":1"));
  EXPECT_LT(mistake.size(), 200U);
}

TEST(ExpectedProcess, IsWrittenAsItIsRead) {
  EXPECT_EQ(WriteExpectedProcess(Whole()), kWhole);
  ExpectedProcess odd{.dossier = DossierId("d\n\""), .process = ProcessId("é"), .provider = "own"};
  const auto read = ReadExpectedProcess(WriteExpectedProcess(odd), OtherFields::kRefuse);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, odd);
}

TEST(ExpectedRecord, IsAnAnnouncementOrForgetsOne) {
  const auto announced = ReadExpectedRecord("p-1", kWhole);
  ASSERT_TRUE(announced);
  EXPECT_EQ(std::get<ExpectedProcess>(*announced), Whole());
  const auto forgotten = ReadExpectedRecord("p-1", std::nullopt);
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(std::get<ForgottenProcess>(*forgotten).process.str(), "p-1");
}

TEST(ExpectedRecord, IsRefusedIfItMayBeInAnotherPartitionThanItsCallbacks) {
  const auto mistake = [](std::string_view key, std::optional<std::string_view> value) {
    const auto read = ReadExpectedRecord(key, value);
    return read ? "none" : read.error().detail;
  };
  EXPECT_EQ(mistake("d-1", kWhole), "the key is not the normalised processId");
  EXPECT_EQ(mistake("", kWhole), "the key is not the normalised processId");
  EXPECT_EQ(mistake("", std::nullopt), "without key and value");
  EXPECT_EQ(mistake("A3F1C0D2-0B64-4B8E-8D51-6D0F1F3E9A10", std::nullopt),
            "the key is not a normalised processId");
  EXPECT_EQ(mistake("p-1", ""), "not one JSON object in UTF-8") << "empty is not null";
}

}  // namespace
}  // namespace common::json
