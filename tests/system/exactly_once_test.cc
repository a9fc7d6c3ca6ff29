#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/record_headers.h"
#include "ops/simulator/assure_documents.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using common::LastHeader;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Place = std::pair<std::int32_t, std::int64_t>;

constexpr const char* kAllProviders = "--providers=onfido:4,eid:3,readid:3,paper,connect";

class ExactlyOnce : public SystemTest {};

std::map<Place, Record> ByPlace(std::vector<Record> records) {
  std::map<Place, Record> by_place;
  for (Record& record : records) {
    by_place.emplace(Place{record.partition, record.offset}, std::move(record));
  }
  return by_place;
}

common::Identity IdentityOf(const ResultValue& value) {
  return common::IdentityOf(value.provider, common::DossierId(value.dossier_id),
                            common::ProcessId(value.process_id), value.status);
}

std::vector<std::string> HeaderNames(const Record& record) {
  std::vector<std::string> names;
  for (const common::RecordHeader& header : record.headers) names.push_back(header.name);
  return names;
}

/// Checks the form of one result against its source callback.
void ExpectFormOfResult(const Record& result, const std::map<Place, Record>& callbacks) {
  const auto value = ReadResult(result.value.value_or(""));
  ASSERT_TRUE(value) << result.value.value_or("(null)");
  EXPECT_EQ(result.key, value->process_id);
  EXPECT_EQ(result.partition, value->partition) << "co-partitioned with its source";
  EXPECT_TRUE(common::ParseRfc3339(value->fetched_at)) << value->fetched_at;

  const auto source = callbacks.find({value->partition, value->offset});
  ASSERT_NE(source, callbacks.end()) << value->partition << ":" << value->offset;
  EXPECT_EQ(source->second.value, R"({"dossierId":")" + value->dossier_id + R"(","processId":")" +
                                      value->process_id + R"(","status":")" + value->status +
                                      R"("})");
  EXPECT_EQ(source->second.key, value->process_id);
  for (const auto name : {common::header::kProvider, common::header::kReceivedAt,
                          common::header::kRequestId, common::header::kSchema}) {
    EXPECT_EQ(LastHeader(result.headers, name), LastHeader(source->second.headers, name)) << name;
  }
  EXPECT_THAT(HeaderNames(result), ElementsAre("provider", "received-at", "request-id", "schema",
                                               "attempts", "fetch-ms", "instance", "transaction"));
  EXPECT_EQ(LastHeader(result.headers, common::header::kProvider), value->provider);
  EXPECT_EQ(LastHeader(result.headers, common::header::kReceivedAt), value->received_at);

  // The API's JSON must be unchanged.
  EXPECT_THAT(*result.value, HasSubstr("\"process\":" + simulator::ProcessDocument(
                                                            value->dossier_id, value->process_id,
                                                            simulator::ProcessState::kFinished)));
  EXPECT_THAT(*result.value,
              HasSubstr("\"dossier\":" + simulator::DossierDocument(value->dossier_id)));
}

/// Expects one marker per result: with its identity, in its partition, with its source's time.
void ExpectMarkers(const std::vector<Record>& markers, const std::vector<Record>& results,
                   const std::map<Place, Record>& callbacks) {
  std::map<std::string, const Record*> by_identity;
  for (const Record& marker : markers) {
    EXPECT_TRUE(by_identity.emplace(marker.key.value_or("(null)"), &marker).second)
        << "an identity marked twice";
    EXPECT_EQ(marker.value, "");
    EXPECT_EQ(LastHeader(marker.headers, common::header::kOutcome), "published");
  }
  EXPECT_EQ(by_identity.size(), results.size());
  for (const Record& result : results) {
    const auto value = ReadResult(*result.value);
    ASSERT_TRUE(value);
    const auto marker = by_identity.find(std::string(IdentityOf(*value).view()));
    ASSERT_NE(marker, by_identity.end()) << value->Name();
    EXPECT_EQ(marker->second->partition, value->partition);
    EXPECT_EQ(marker->second->timestamp_ms,
              callbacks.at({value->partition, value->offset}).timestamp_ms);
  }
}

TEST_F(ExactlyOnce, HoldsForAllProvidersAndTheirRedeliveries) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const Delivered delivered = pipeline.Deliver(
      {"--count=2000", kAllProviders, "--speed=36000", "--duplicate-rate=0.3", "--concurrency=64"});
  EXPECT_EQ(delivered.Number("acknowledged"), 2000) << delivered.report;
  EXPECT_EQ(delivered.Number("lost"), 0) << delivered.report;
  EXPECT_GT(delivered.Number("duplicates"), 200) << delivered.report;

  ExpectExactlyOnce(delivered.callbacks);
  const std::map<Place, Record> callbacks = ByPlace(pipeline.Callbacks());
  EXPECT_EQ(static_cast<std::int64_t>(callbacks.size()), delivered.Number("attempts"))
      << "callbacks answered 200 must be kept";
  const std::vector<Record> results = pipeline.Results();
  EXPECT_EQ(results.size(), 2000U);
  for (const Record& result : results) {
    ASSERT_NO_FATAL_FAILURE(ExpectFormOfResult(result, callbacks));
  }
  ExpectMarkers(pipeline.Markers(), results, callbacks);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

TEST_F(ExactlyOnce, HoldsForRedeliveriesAfterARestartOfConsumer) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const std::vector<std::string> same_callbacks{"--count=300", kAllProviders, "--seed=11"};
  const Delivered first = pipeline.Deliver(same_callbacks);
  ASSERT_TRUE(pipeline.AwaitAllDisposed());

  EXPECT_EQ(pipeline.consumer().Terminate(std::chrono::seconds(10)), 0);
  const Delivered again = pipeline.Deliver(same_callbacks);
  pipeline.StartConsumer();
  ExpectExactlyOnce(first.callbacks);
  EXPECT_EQ(pipeline.CountCallbacks(), first.Number("attempts") + again.Number("attempts"));
  EXPECT_EQ(pipeline.Markers().size(), 300U);
  EXPECT_THAT(Keys(pipeline.DeadLetters()), IsEmpty());
}

}  // namespace
}  // namespace tests
