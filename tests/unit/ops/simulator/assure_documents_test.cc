#include "ops/simulator/assure_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json/api_answer.h"
#include "ops/simulator/synthetic_callback.h"

namespace simulator {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

constexpr std::string_view kDossier = "2f0c1a2b-0000-4000-a000-000000000001";
constexpr std::string_view kProcess = "2f0c1a2b-0000-4000-a000-000000000002";

std::string Finished(std::string_view process) {
  return ProcessDocument(kDossier, process, ProcessState::kFinished);
}

TEST(ProcessDocument, DependsOnTheIdsOnly) {
  EXPECT_EQ(Finished(kProcess), Finished(kProcess));
  EXPECT_NE(Finished(kProcess), Finished("2f0c1a2b-0000-4000-a000-000000000003"));
}

TEST(ProcessDocument, IsAnObjectOfAFewKilobytes) {
  const std::string document = Finished(kProcess);
  EXPECT_THAT(document.size(), AllOf(Ge(1500U), Le(8000U)));
  EXPECT_TRUE(common::json::ReadResourceAnswer(document)) << document;
  EXPECT_THAT(document, HasSubstr(R"("provider":"readid")"));
  EXPECT_THAT(document, HasSubstr(R"("processId":")" + std::string(kProcess)));
}

TEST(ProcessDocument, HasTheStatusOfTheCallback) {
  const ProviderMix mix = *ProviderMix::Parse("onfido,eid,readid");
  for (std::uint64_t n = 0; n < 100; ++n) {
    const SyntheticCallback callback = MakeCallback(mix, 3, n);
    const auto answer = common::json::ReadResourceAnswer(
        ProcessDocument(callback.dossier_id, callback.process_id, ProcessState::kFinished));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, callback.status);
  }
}

TEST(ProcessDocument, HasNoResultWhilePending) {
  const std::string document = ProcessDocument(kDossier, kProcess, ProcessState::kPending);
  EXPECT_EQ(common::json::ReadResourceAnswer(document)->status, "pending");
  EXPECT_EQ(document.find("finalResult"), std::string::npos);
}

TEST(DossierDocument, NamesTheProcessOfASimulatedCallback) {
  const SyntheticCallback callback = MakeCallback(*ProviderMix::Parse("eid"), 3, 1);
  const std::string document = DossierDocument(callback.dossier_id);
  EXPECT_TRUE(common::json::ReadResourceAnswer(document)) << document;
  EXPECT_THAT(document, HasSubstr(callback.process_id));
}

TEST(OddDocuments, AreInvalidOrTooLarge) {
  EXPECT_FALSE(common::json::ReadResourceAnswer(GarbageDocument(kProcess)));
  const std::string huge = HugeDocument(kProcess);
  EXPECT_GT(huge.size(), 8U * 1024 * 1024);
  EXPECT_TRUE(common::json::ReadResourceAnswer(huge));
}

TEST(ErrorDocument, CarriesATraceId) {
  const std::string document = ErrorDocument({.status = 404,
                                              .method = "GET",
                                              .instance = "/assure/dossiers/x\"y",
                                              .detail = "it does not exist",
                                              .trace = 1});
  EXPECT_EQ(common::json::ReadTraceId(document)->size(), 32U);
  EXPECT_THAT(document, HasSubstr(R"("type":"base:client-problem")"));
}

TEST(TokenDocument, IsReadableByTheConsumer) {
  const auto answer = common::json::ReadTokenAnswer(TokenDocument("abc", 60));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->access_token, "abc");
  EXPECT_EQ(answer->expires_in, std::chrono::seconds(60));
}

}  // namespace
}  // namespace simulator
