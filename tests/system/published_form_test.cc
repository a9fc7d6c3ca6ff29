// The parts of the API's documents that reach Kafka: the settings `keep` and `publish`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/sha256.h"
#include "ops/simulator/assure_documents.h"
#include "tests/harness/json.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;

std::string ReferenceTo(const std::string& document) {
  return R"({"sha256":")" + common::Sha256Hex(document) + R"(","bytes":)" +
         std::to_string(document.size()) + "}";
}

class PublishedForm : public SystemTest {
 protected:
  std::vector<Record> Publish() {
    pipeline.StartIngest();
    pipeline.StartConsumer();
    const Delivered delivered = pipeline.Deliver({"--count=20"});
    EXPECT_EQ(delivered.Number("acknowledged"), 20) << delivered.report;
    EXPECT_TRUE(pipeline.AwaitAllDisposed());
    std::vector<Record> results = pipeline.Results();
    EXPECT_EQ(results.size(), 20U);
    return results;
  }

  /// Key, value and headers of all records on all topics, those of open transactions included.
  std::vector<std::string> AllOnKafka() {
    std::vector<std::string> texts;
    const common::TopicNames& topics = pipeline.topics();
    for (const std::string& topic :
         {topics.callbacks, topics.seen, topics.processes, topics.dead}) {
      for (const Record& record : pipeline.kafka().ReadAll(topic, Isolation::kReadUncommitted)) {
        std::string text = record.key.value_or("") + " " + record.value.value_or("");
        for (const auto& header : record.headers) text += " " + header.name + "=" + header.value;
        texts.push_back(text);
      }
    }
    return texts;
  }

  static std::string ProcessOf(const ResultValue& result) {
    return simulator::ProcessDocument(result.dossier_id, result.process_id,
                                      simulator::ProcessState::kFinished);
  }
};

TEST_F(PublishedForm, ContainsOnlyKeptValues) {
  pipeline.fetch["keep"] =
      "[/process/status, /process/providerSpecific/ocr/score, "
      "/process/providerSpecific/ocr/features/*/found, /dossier/dossierId]";
  for (const Record& record : Publish()) {
    const auto result = ReadResult(record.value.value_or(""));
    ASSERT_TRUE(result) << record.value.value_or("");
    const std::string document = ProcessOf(*result);
    // The score has more digits than a double keeps.
    const std::size_t score = document.find(R"("score":)");
    const std::string as_written = document.substr(score, document.find(',', score) - score);
    EXPECT_THAT(*record.value, HasSubstr(as_written));
    const auto value = ParseJson(*record.value);
    const auto& process = value["process"];
    EXPECT_EQ(process.MemberCount(), 2U) << *record.value;
    const auto& ocr = process["providerSpecific"]["ocr"];
    EXPECT_EQ(ocr.MemberCount(), 2U) << *record.value;
    EXPECT_EQ(ocr["features"].Size(),
              ParseJson(document)["providerSpecific"]["ocr"]["features"].Size());
    for (const auto& feature : ocr["features"].GetArray()) {
      EXPECT_EQ(feature.MemberCount(), 1U);
      EXPECT_TRUE(feature.HasMember("found"));
    }
    EXPECT_THAT(*record.value, HasSubstr(R"("dossier":{"dossierId":")" + result->dossier_id +
                                         "\"},\"fetchedAt\""));
  }
  EXPECT_THAT(AllOnKafka(), Each(Not(HasSubstr("finalResult"))));
}

TEST_F(PublishedForm, IsAnEmptyObjectIfNothingIsKept) {
  pipeline.fetch["keep"] = "[]";
  for (const Record& record : Publish()) {
    EXPECT_THAT(record.value.value_or(""), HasSubstr(R"("process":{},"dossier":{},)"));
  }
}

TEST_F(PublishedForm, IsAReferenceAndNoIdentityDataReachesKafka) {
  pipeline.consumer_settings["publish"] = "reference";
  const std::vector<Record> results = Publish();
  std::vector<std::string> personal{"finalResult", "providerSpecific", "externalReference"};
  for (const Record& record : results) {
    const auto result = ReadResult(record.value.value_or(""));
    ASSERT_TRUE(result) << record.value.value_or("");
    const std::string document = ProcessOf(*result);
    EXPECT_THAT(*record.value,
                HasSubstr(R"("process":)" + ReferenceTo(document) + R"(,"dossier":)" +
                          ReferenceTo(simulator::DossierDocument(result->dossier_id)) + ","));
    const auto identity = ParseJson(document);
    personal.push_back(TextIn(identity["finalResult"], "personalIdentificationNumber"));
    personal.push_back(TextIn(identity["finalResult"], "documentNumber"));
  }
  const std::vector<std::string> all = AllOnKafka();
  for (const std::string& text : personal) {
    EXPECT_THAT(all, Each(Not(HasSubstr(text)))) << text;
  }
}

}  // namespace
}  // namespace tests
